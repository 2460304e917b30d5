// A table of an audit: the question that its link asks, its rows, its hidden columns. Kept while the window lives, so that
// returning finds it as it was left.

import type { AuditView, RowFilter, TableQuery } from '$ui/ipc/bindings'
import { hiddenColumns, keepColumns } from './columns'
import { route, type Ask } from './route.svelte'
import { Rows, type Fetch } from './rows.svelte'

/** Least time between two looks at rows that grow: what happens shall be seen at once. */
const LEAST_MS = 100
/** And at least so many times as long as the last look took: a large table may take a sixth of the time. */
const PATIENCE = 5
/** Tables kept: the ones of the audits a person goes to and fro between. */
const KEPT = 6
const tables = new Map<string, TableState<unknown>>()

export class TableState<T> {
  readonly rows = new Rows<T>()
  hidden = $state.raw<ReadonlySet<string>>(new Set())
  /** How far it was scrolled under the present question. */
  top = 0
  /** The pointer is over it, or it has the focus. */
  touched = false
  #asked = ''
  #fetched = 0
  #took = 0
  #later: ReturnType<typeof setTimeout> | undefined
  #seen: unknown = null
  #name: string

  constructor(name: string, away: readonly string[]) {
    this.#name = name
    this.hidden = hiddenColumns(name, away)
  }

  /** Asks unless this very question is answered already; `version` changes when the data did. */
  ask(question: string, version: unknown, fetch: Fetch<T>): void {
    if (question !== this.#asked) {
      if (this.#asked) this.top = 0
      this.#asked = question
      clearTimeout(this.#later)
      this.#seen = version
      void this.rows.ask(fetch)
    } else if (version !== this.#seen) {
      this.#seen = version
      this.#grown(fetch)
    }
  }

  /** Nothing jumps under the eyes: once scrolled or touched, new rows only announce themselves. */
  #grown(fetch: Fetch<T>): void {
    if (this.top > 0 || this.touched) {
      this.rows.stale = true
      return
    }
    const wait = this.#fetched + Math.max(LEAST_MS, PATIENCE * this.#took) - Date.now()
    clearTimeout(this.#later)
    if (wait > 0) this.#later = setTimeout(() => this.#grown(fetch), wait)
    else {
      void this.#look(fetch)
    }
  }

  async #look(fetch: Fetch<T>): Promise<void> {
    const began = Date.now()
    this.#fetched = began
    await this.rows.ask(fetch)
    this.#fetched = Date.now()
    this.#took = this.#fetched - began
  }

  again(): void {
    this.#asked = ''
  }

  toggle(key: string): void {
    const next = new Set(this.hidden)
    if (!next.delete(key)) next.add(key)
    this.hidden = next
    keepColumns(this.#name, next)
  }
}

/** The state of one table of one audit. */
export function tableOf<T>(audit: number, name: string, away: readonly string[]): TableState<T> {
  const key = `${audit}/${name}`
  const kept = (tables.get(key) as TableState<T> | undefined) ?? new TableState<T>(name, away)
  tables.delete(key)
  tables.set(key, kept as TableState<unknown>)
  for (const old of [...tables.keys()].slice(0, Math.max(0, tables.size - KEPT))) tables.delete(old)
  return kept
}

/** The link's wishes as the engine's question. */
export function tableQuery(ask: Ask, sort: string, offset: number, limit: number): TableQuery {
  const filter: RowFilter = {
    purposes: (ask.purposes ?? []) as RowFilter['purposes'],
    clear_text: ask.clear_text ?? false,
    unnamed: ask.unnamed ?? false,
  }
  return {
    search: ask.search ?? '',
    sort: ask.sort ?? sort,
    descending: !ask.up,
    filter,
    company: ask.company ?? null,
    country: ask.country ?? null,
    device: ask.device ?? null,
    server: ask.server ?? null,
    app: ask.app ?? null,
    offset,
    limit,
  }
}

/** Changes whenever rows of the audit may have: while it is read, and once more at the end. */
export function version(view: AuditView): string {
  return `${view.card.state} ${view.summary.counts.packets} ${view.summary.servers} ${view.summary.flows}`
}

/** A click on a head: the same column turns round, another begins with its largest, words with their first. */
export function resort(key: string, sort: { key: string; descending: boolean }, words: boolean): void {
  const up = key === sort.key ? sort.descending : words
  route.refine({ sort: key, up })
}
