// A filter expression that is checked while it is typed, and where it fails.

import type { FilterProblem } from '$ui/ipc/bindings'

/** A pause in typing after which it is checked. */
const PAUSE_MS = 250

export class FilterCheck {
  text = $state('')
  problem = $state.raw<FilterProblem | null>(null)
  /** The text that `problem` (or its absence) speaks of. */
  checked = $state<string | null>(null)
  good = $derived(this.text.trim() !== '' && this.checked === this.text && this.problem === null)
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Takes what was typed; `check` asks the backend. A failing backend leaves the text unchecked: starting it will tell. */
  type(text: string, check: (text: string) => Promise<FilterProblem | null>): void {
    this.text = text
    clearTimeout(this.#timer)
    if (text.trim() === '') {
      this.problem = null
      this.checked = null
      return
    }
    this.#timer = setTimeout(() => void this.#check(text, check), PAUSE_MS)
  }

  async #check(text: string, check: (text: string) => Promise<FilterProblem | null>): Promise<void> {
    const problem = await check(text).catch(() => null)
    if (text !== this.text) return
    this.problem = problem
    this.checked = text
  }
}

/** The text cut at the fault: `at` and `length` count characters as the engine does, not the halves of JavaScript. */
export function cut(text: string, problem: FilterProblem): { before: string; wrong: string; after: string } {
  const characters = [...text]
  const at = Math.min(problem.at, characters.length)
  const end = Math.min(at + problem.length, characters.length)
  return {
    before: characters.slice(0, at).join(''),
    wrong: characters.slice(at, end).join(''),
    after: characters.slice(end).join(''),
  }
}
