// The hotspot of this computer: whether it can be made, the making, and whether it still stands.

import { asCommandError, type Backend } from '$ui/ipc/backend'
import type { CommandError, HotspotCheck, HotspotView, HotspotWish } from '$ui/ipc/bindings'
import { Loaded } from '../loaded.svelte'
import { Polled } from './polled.svelte'

export class Hotspot {
  readonly check = new Loaded<HotspotCheck>()
  readonly #now = new Polled<HotspotView | null>()
  making = $state(false)
  stopping = $state(false)
  error = $state.raw<CommandError | null>(null)

  constructor(private readonly backend: Backend) {}

  /** The one that stands or is being made. */
  get now(): HotspotView | null {
    return this.#now.value?.ended === null ? this.#now.value : null
  }

  get stands(): boolean {
    return this.now?.ready ?? false
  }

  /** Why the last one is over, when nobody here ended it. */
  get ended(): string | null {
    const how = this.#now.value?.ended ?? null
    return how === 'stopped' ? null : how
  }

  /** Follows it while a page shows it; gives the way to stop. */
  follow(): () => void {
    return this.#now.begin(() => this.backend.hotspot())
  }

  look(): void {
    void this.check.ask(() => this.backend.hotspot_check())
  }

  async make(wish: HotspotWish): Promise<void> {
    this.making = true
    this.error = null
    try {
      this.#now.value = await this.backend.hotspot_start(wish)
    } catch (thrown) {
      this.error = asCommandError(thrown)
    } finally {
      this.making = false
    }
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.error = null
    try {
      await this.backend.hotspot_stop()
      this.#now.value = null
    } catch (thrown) {
      this.error = asCommandError(thrown)
    } finally {
      this.stopping = false
    }
  }
}

const known = new WeakMap<Backend, Hotspot>()

/** The hotspot of a window: one, so that its making goes on while another page is shown. */
export function hotspotOf(backend: Backend): Hotspot {
  const hotspot = known.get(backend) ?? new Hotspot(backend)
  known.set(backend, hotspot)
  return hotspot
}
