// An answer of the backend that is kept fresh while a page shows it: asked again when its subject has changed, at most once in
// a while, and never when nobody looks.

import { untrack } from 'svelte'
import { Loaded } from '../loaded.svelte'

/** Least time between two questions: a flood of changes is one change for the eye. */
const LEAST_MS = 500

export class Kept<T> extends Loaded<T> {
  #question: (() => Promise<T>) | null = null
  #last = -LEAST_MS
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Asks now, and again whenever what `changes` reads has changed. Called while a component is made; ends with it. */
  follow(changes: () => unknown, question: () => Promise<T>): void {
    this.#question = question
    $effect(() => {
      changes()
      untrack(() => this.#soon())
    })
    $effect(() => () => {
      clearTimeout(this.#timer)
      this.#question = null
    })
  }

  /** Asks at once, after something was done. */
  async again(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#last = performance.now()
    if (this.#question) await this.ask(this.#question)
  }

  #soon(): void {
    if (this.#timer !== undefined) return
    const wait = this.#last + LEAST_MS - performance.now()
    if (wait <= 0) void this.again()
    else this.#timer = setTimeout(() => void this.again(), wait)
  }
}
