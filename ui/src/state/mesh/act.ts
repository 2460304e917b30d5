// Something a person does: it is carried out by a command, a failure is told, and the page asks again what it shows.

import { t } from '$ui/i18n/language.svelte'
import type { Session } from '../session.svelte'
import { toasts } from '../toasts.svelte'

/** Whether it was done. */
export async function act(session: Session, work: () => Promise<unknown>, said?: string): Promise<boolean> {
  try {
    await work()
  } catch (thrown) {
    session.tell(thrown)
    return false
  }
  if (said) toasts.say(said)
  return true
}

/** Does something at once and offers to undo it. */
export async function actWithUndo(
  session: Session,
  work: () => Promise<unknown>,
  said: string,
  back: { work: () => Promise<unknown>; said: string; label?: string },
): Promise<boolean> {
  if (!(await act(session, work))) return false
  const undo = () => void act(session, back.work, back.said)
  toasts.say(said, { act: { label: back.label ?? t('do.undo'), run: undo } })
  return true
}
