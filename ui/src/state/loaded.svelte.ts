// One answer of the backend with its three states; a late answer to an old question is dropped.

import { asCommandError } from '$ui/ipc/backend'
import type { CommandError } from '$ui/ipc/bindings'

export class Loaded<T> {
  value = $state.raw<T | null>(null)
  error = $state.raw<CommandError | null>(null)
  busy = $state(false)
  #asked = 0

  /** Asks; the old value stays until the new one is there. */
  async ask(question: () => Promise<T>): Promise<void> {
    const mine = ++this.#asked
    this.busy = true
    try {
      const value = await question()
      if (mine !== this.#asked) return
      this.value = value
      this.error = null
    } catch (thrown) {
      if (mine === this.#asked) this.error = asCommandError(thrown)
    } finally {
      if (mine === this.#asked) this.busy = false
    }
  }

  forget(): void {
    this.#asked += 1
    this.value = null
    this.error = null
    this.busy = false
  }
}
