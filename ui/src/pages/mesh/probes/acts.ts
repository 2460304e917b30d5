// What a person can do with a probe. Each is a command; what takes something away offers to undo it.

import { plain } from '$ui/format/words'
import { t } from '$ui/i18n/language.svelte'
import type { BehaviourNow } from '$ui/ipc/bindings'
import { act, actWithUndo } from '$ui/state/mesh/act'
import type { Session } from '$ui/state/session.svelte'

const named = (one: BehaviourNow): { name: string } => ({ name: plain(one.probe.name, 60) })

export const run = (session: Session, one: BehaviourNow): Promise<boolean> =>
  act(session, () => session.backend.run_probe(one.probe.id), t('probes.said.run', named(one)))

export const pause = (session: Session, one: BehaviourNow): Promise<boolean> =>
  act(session, () => session.backend.pause_probe(one.probe.id, true), t('probes.said.paused', named(one)))

export const resume = (session: Session, one: BehaviourNow): Promise<boolean> =>
  act(session, () => session.backend.pause_probe(one.probe.id, false), t('probes.said.resumed', named(one)))

export const kill = (session: Session, one: BehaviourNow): Promise<boolean> =>
  actWithUndo(session, () => session.backend.kill_probe(one.probe.id), t('probes.said.killed', named(one)), {
    work: () => session.backend.pause_probe(one.probe.id, false),
    said: t('probes.said.resumed', named(one)),
    label: t('probes.do.restart'),
  })

export const remove = (session: Session, one: BehaviourNow): Promise<boolean> =>
  actWithUndo(session, () => session.backend.remove_probe(one.probe.id), t('say.deleted', named(one)), {
    work: () => session.backend.restore_probe(one.probe.id),
    said: t('say.restored', named(one)),
  })

/** Nothing runs, and it can be started again. */
export const stands = (one: BehaviourNow): boolean => one.state === 'paused' || one.state === 'killed'
