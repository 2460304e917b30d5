// A table's rows as windows of 200 that are fetched when they come into sight; never more than a few are kept.

import { asCommandError } from '$ui/ipc/backend'
import type { CommandError } from '$ui/ipc/bindings'
import { SvelteMap } from 'svelte/reactivity'

export const WINDOW = 200
/** Windows kept: enough to scroll to and fro without asking again. */
const KEPT = 12

export type Fetch<T> = (offset: number, limit: number) => Promise<{ total: number; rows: T[] }>

export class Rows<T> {
  total = $state<number | null>(null)
  error = $state.raw<CommandError | null>(null)
  /** There is newer data than what is shown; it waits while the table is touched. */
  stale = $state(false)
  #windows = new SvelteMap<number, readonly T[]>()
  #wanted = new Set<number>()
  #fetch: Fetch<T> | null = null
  #turn = 0

  /** Asks a new question. What is shown stays until the answer is there, so nothing flickers. */
  async ask(fetch: Fetch<T>): Promise<void> {
    this.#fetch = fetch
    const turn = ++this.#turn
    this.#wanted.clear()
    try {
      const page = await fetch(0, WINDOW)
      if (turn !== this.#turn) return
      this.#windows.clear()
      this.#windows.set(0, page.rows)
      this.total = page.total
      this.error = null
      this.stale = false
    } catch (thrown) {
      if (turn === this.#turn) this.error = asCommandError(thrown)
    }
  }

  /** The row, or null while it is on its way. */
  at(index: number): T | null {
    return this.#windows.get(Math.floor(index / WINDOW))?.[index % WINDOW] ?? null
  }

  /** Makes sure that rows `from` to `to` are here or asked for. */
  want(from: number, to: number): void {
    const last = Math.min(to, (this.total ?? 0) - 1)
    for (let n = Math.floor(Math.max(0, from) / WINDOW); n * WINDOW <= last; n += 1) void this.#get(n)
  }

  /** Asks the same question again, for data that grew; rows out of sight are forgotten. */
  async refresh(from: number): Promise<void> {
    const fetch = this.#fetch
    if (!fetch) return
    const turn = ++this.#turn
    this.#wanted.clear()
    const n = Math.floor(Math.max(0, from) / WINDOW)
    try {
      const page = await fetch(n * WINDOW, WINDOW)
      if (turn !== this.#turn) return
      this.#windows.clear()
      this.#windows.set(n, page.rows)
      this.total = page.total
      this.stale = false
    } catch (thrown) {
      if (turn === this.#turn) this.error = asCommandError(thrown)
    }
  }

  async #get(n: number): Promise<void> {
    if (!this.#fetch || this.#windows.has(n) || this.#wanted.has(n)) return
    this.#wanted.add(n)
    const turn = this.#turn
    try {
      const page = await this.#fetch(n * WINDOW, WINDOW)
      if (turn !== this.#turn) return
      this.#windows.set(n, page.rows)
      this.total = page.total
      this.#drop(n)
    } catch (thrown) {
      if (turn === this.#turn) this.error = asCommandError(thrown)
    } finally {
      this.#wanted.delete(n)
    }
  }

  /** Forgets the windows farthest from the one that just came. */
  #drop(near: number): void {
    const byDistance = [...this.#windows.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near))
    for (const n of byDistance.slice(0, Math.max(0, byDistance.length - KEPT))) this.#windows.delete(n)
  }
}

/** Rows that are all here already, behind the same door. */
export function listed<T>(rows: readonly T[]): Fetch<T> {
  return async (offset, limit) => ({ total: rows.length, rows: rows.slice(offset, offset + limit) })
}
