// What the whole window shares: the backend, the settings, the earlier audits and the open ones.

import type { Backend } from '$ui/ipc/backend'
import { asCommandError } from '$ui/ipc/backend'
import type { AuditCard, AuditView, CommandError, LiveUpdate, Notice, SettingsView, Leaving } from '$ui/ipc/bindings'
import { errorText, errorTitle } from '$ui/i18n/errors'
import { language, t } from '$ui/i18n/language.svelte'
import { Stamps } from './mesh/stamps.svelte'
import { PANDORE_DEFAULTS } from './pandore'
import { words } from './notices'
import { theme } from './theme.svelte'
import { toasts } from './toasts.svelte'
import { route, to } from './route.svelte'

/** What holds when the stored choices cannot be read. */
const DEFAULT_SETTINGS: SettingsView = {
  language: 'system',
  theme: 'system',
  score_profile: 'telltale',
  pandore: PANDORE_DEFAULTS,
  recording: 'full',
  recording_limit_mb: 2_000,
  keep_audits_days: null,
  keep_recordings_days: null,
  notices: false,
}

export class Session {
  cards = $state.raw<AuditCard[] | null>(null)
  /** Why the earlier audits could not be listed. */
  unlisted = $state.raw<CommandError | null>(null)
  /** What the user's own limit takes away soon. */
  leaving = $state.raw<readonly Leaving[]>([])
  views = $state.raw<ReadonlyMap<number, AuditView>>(new Map())
  settings = $state.raw<SettingsView | null>(null)
  /** The latest failure of opening a file; the start page shows it until the next try. */
  refused = $state.raw<CommandError | null>(null)
  /** The file that was opened before, while the window asks what to do. */
  before = $state.raw<{ path: string; card: AuditCard } | null>(null)
  opening = $state(false)
  dragging = $state(false)
  /** What pages of probes and mesh look at to know that they must ask again. */
  readonly stamps = new Stamps()
  #revision: number | null = null

  constructor(readonly backend: Backend) {}

  /** Begins: settings first, since they say how everything looks. */
  async begin(): Promise<void> {
    if (!(await this.#try(async () => this.#apply(await this.backend.settings())))) this.#apply(DEFAULT_SETTINGS)
    this.backend.on_drop((phase, paths) => this.#dropped(phase, paths))
    await this.refresh()
    await this.#try(() => this.backend.follow((update) => void this.#update(update)))
    await this.#openNamed()
  }

  /** A file named on the command line: whoever names one wants to see it, so an earlier audit of it is shown at once. */
  async #openNamed(): Promise<void> {
    try {
      const opened = await this.backend.open_from_command_line()
      if (opened) this.#show(opened.kind === 'before' ? opened.card.id : opened.id)
    } catch (thrown) {
      this.refused = asCommandError(thrown)
    }
  }

  /** Fetches the earlier audits; a failure stands where they would. */
  async refresh(): Promise<void> {
    try {
      const page = await this.backend.start_page()
      this.cards = page.audits
      this.leaving = page.leaving
      this.unlisted = null
    } catch (thrown) {
      this.unlisted = asCommandError(thrown)
    }
  }

  async save(settings: SettingsView): Promise<void> {
    const old = this.settings
    this.#apply(settings)
    const saved = await this.#try(() => this.backend.save_settings(settings))
    if (!saved && old) this.#apply(old)
    if (saved && old?.score_profile !== settings.score_profile) await this.refresh()
  }

  async pick(): Promise<void> {
    await this.#try(async () => {
      const path = await this.backend.pick_capture()
      if (path) await this.open(path, false)
    })
  }

  async open(path: string, again: boolean): Promise<void> {
    this.refused = null
    this.before = null
    this.opening = true
    try {
      const opened = await this.backend.open_capture(path, again)
      if (opened.kind === 'before') this.before = { path, card: opened.card }
      else this.#show(opened.id)
    } catch (thrown) {
      this.refused = asCommandError(thrown)
      route.go('#/')
    } finally {
      this.opening = false
    }
  }

  async openExample(): Promise<void> {
    await this.#try(async () => {
      const opened = await this.backend.open_example()
      this.#show(opened.kind === 'before' ? opened.card.id : opened.id)
    })
  }

  /** Fetches an audit unless it is here already. */
  async audit(id: number): Promise<AuditView> {
    const here = this.views.get(id)
    if (here) return here
    const view = await this.backend.audit(id)
    // What was told meanwhile is newer than the answer.
    const told = this.views.get(id)
    if (told) return told
    this.#keep([view])
    return view
  }

  async rename(card: AuditCard, name: string, description: string): Promise<void> {
    const done = await this.#try(() => this.backend.rename(card.id, name, description))
    if (!done) return
    const renamed = { ...card, name, description }
    this.cards = this.cards?.map((one) => (one.id === card.id ? renamed : one)) ?? null
    const view = this.views.get(card.id)
    if (view) this.#keep([{ ...view, card: { ...view.card, name, description } }])
    toasts.say(t('say.renamed'))
  }

  /** Takes an audit away at once and offers to undo it. */
  async remove(card: AuditCard): Promise<void> {
    if (!(await this.#try(() => this.backend.remove(card.id)))) return
    this.#forget([card.id])
    const undo = async () => {
      if (!(await this.#try(() => this.backend.restore(card.id)))) return
      await this.refresh()
      toasts.say(t('say.restored', { name: card.name }))
    }
    toasts.say(t('say.deleted', { name: card.name }), { act: { label: t('do.undo'), run: () => void undo() } })
  }

  /** Keeps an audit whatever its age, or no longer; what leaves soon is asked for again. */
  async keep(audit: number, keep: boolean): Promise<void> {
    if (await this.#try(() => this.backend.keep(audit, keep))) await this.refresh()
  }

  /** Goes on with an audit that was interrupted, and shows it. */
  async goOn(audit: number): Promise<void> {
    if (await this.#try(() => this.backend.resume(audit))) this.#show(audit)
  }

  async removeRecording(audit: number): Promise<void> {
    if (!(await this.#try(() => this.backend.remove_recording(audit)))) return
    await this.refresh()
    toasts.say(t('start.recording.removed'))
  }

  /** Runs something that may fail and tells the person when it did. */
  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (thrown) {
      this.tell(thrown)
      return false
    }
  }

  tell(thrown: unknown): void {
    const error = asCommandError(thrown)
    toasts.say(`${errorTitle(error)}. ${errorText(error)}`, { bad: true })
  }

  #show(id: number): void {
    route.go(to(id, 'overview'))
  }

  #apply(settings: SettingsView): void {
    this.settings = settings
    language.choose(settings.language)
    theme.choose(settings.theme)
  }

  #dropped(phase: 'over' | 'leave' | 'drop', paths: string[]): void {
    this.dragging = phase === 'over'
    const [first, ...others] = phase === 'drop' ? paths : []
    if (!first) return
    if (others.length > 0) toasts.say(t('start.drop.one'))
    void this.open(first, false)
  }

  async #update(update: LiveUpdate): Promise<void> {
    const gap = this.#revision !== null && update.revision !== this.#revision + 1
    this.#revision = update.revision
    this.stamps.take(update.stamps)
    this.#keep(update.audits)
    this.#forget(update.removed)
    for (const notice of update.notices) this.#notify(notice)
    if (gap) await this.#catchUp()
  }

  /** Tells what happened: on the desktop if that is wanted; in the window only what needs the person. */
  #notify(notice: Notice): void {
    const { title, body } = words(notice)
    if (notice.kind === 'waiting') toasts.say(`${title}. ${body}`)
    // A desktop that shows no notifications is no reason to disturb: the pages say the same.
    if (this.settings?.notices) void this.backend.notify(title, body).catch(() => undefined)
  }

  /** After a missed message: everything that is shown is asked for again. */
  async #catchUp(): Promise<void> {
    await this.refresh()
    const shown = route.place
    if (shown.name === 'audit') {
      await this.#try(async () => this.#keep([await this.backend.audit(shown.audit)]))
    }
  }

  #keep(views: readonly AuditView[]): void {
    if (views.length === 0) return
    const next = new Map(this.views)
    let cards = this.cards ?? []
    for (const view of views) {
      next.set(view.card.id, view)
      const known = cards.some((card) => card.id === view.card.id)
      cards = known ? cards.map((card) => (card.id === view.card.id ? view.card : card)) : [view.card, ...cards]
    }
    this.views = next
    if (this.cards) this.cards = cards
  }

  #forget(ids: readonly number[]): void {
    if (ids.length === 0) return
    this.views = new Map([...this.views].filter(([id]) => !ids.includes(id)))
    route.forget(ids)
    this.cards = this.cards?.filter((card) => !ids.includes(card.id)) ?? null
  }
}
