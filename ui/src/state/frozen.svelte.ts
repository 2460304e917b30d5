// Views that stand still while watching goes on: what a person looks at does not move away.

import type { AuditView } from '$ui/ipc/bindings'
import { SvelteMap } from 'svelte/reactivity'

class Frozen {
  #views = new SvelteMap<number, { view: AuditView; at: number }>()

  /** What to show of an audit: the view that was frozen, else the newest. */
  shown(newest: AuditView): AuditView {
    return this.#views.get(newest.card.id)?.view ?? newest
  }

  /** Since when the audit's view stands still, ms; null: it does not. */
  since(audit: number): number | null {
    return this.#views.get(audit)?.at ?? null
  }

  freeze(view: AuditView, at: number): void {
    this.#views.set(view.card.id, { view, at })
  }

  release(audit: number): void {
    this.#views.delete(audit)
  }
}

export const frozen = new Frozen()
