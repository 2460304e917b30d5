// Something that is asked for again and again while a page shows it, and never when nobody looks.

import { asCommandError } from '$ui/ipc/backend'
import type { CommandError } from '$ui/ipc/bindings'

/** As often as counters can be told apart by the eye. */
const EVERY_MS = 1_000

export class Polled<T> {
  value = $state.raw<T | null>(null)
  error = $state.raw<CommandError | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined
  #round = 0

  /** Asks now and then once a second, never twice at a time; gives the way to stop, which also drops an answer under way. */
  begin(question: () => Promise<T>, react: (value: T) => void = () => {}): () => void {
    const mine = ++this.#round
    clearTimeout(this.#timer)
    const ask = async () => {
      try {
        const value = await question()
        if (mine !== this.#round) return
        this.value = value
        this.error = null
        react(value)
      } catch (thrown) {
        if (mine !== this.#round) return
        this.error = asCommandError(thrown)
      }
      this.#timer = setTimeout(() => void ask(), EVERY_MS)
    }
    void ask()
    return () => {
      if (mine !== this.#round) return
      this.#round += 1
      clearTimeout(this.#timer)
    }
  }

  forget(): void {
    this.value = null
    this.error = null
  }
}
