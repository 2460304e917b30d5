// Short messages at the window's edge, each with at most one thing to do.

export type Toast = { id: number; text: string; act?: { label: string; run: () => void }; bad?: boolean }

/** How long a message stays; one with something to do stays longer. */
const STAY_MS = 6_000
const STAY_TO_ACT_MS = 12_000

class Toasts {
  list = $state.raw<Toast[]>([])
  #next = 1
  #timers = new Map<number, ReturnType<typeof setTimeout>>()

  say(text: string, more: Omit<Toast, 'id' | 'text'> = {}): void {
    const toast: Toast = { id: this.#next++, text, ...more }
    this.list = [...this.list.slice(-2), toast]
    this.#wait(toast)
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  /** While a person points at or reads a message it stays. */
  hold(toast: Toast): void {
    clearTimeout(this.#timers.get(toast.id))
  }

  release(toast: Toast): void {
    this.#wait(toast)
  }

  #wait(toast: Toast): void {
    clearTimeout(this.#timers.get(toast.id))
    const stay = toast.act || toast.bad ? STAY_TO_ACT_MS : STAY_MS
    this.#timers.set(
      toast.id,
      setTimeout(() => this.dismiss(toast.id), stay),
    )
  }
}

export const toasts = new Toasts()
