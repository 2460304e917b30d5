// What has changed in the engine: one number a subject, which grows. A page that shows the subject asks again when it does.

import type { Stamps as StampsNow } from '$ui/ipc/bindings'

export type Subject = keyof StampsNow

export class Stamps {
  probes = $state(0)
  results = $state(0)
  mesh = $state(0)
  incidents = $state(0)
  doors = $state(0)

  /** Takes the newest numbers; a subject that stands still disturbs nobody. */
  take(now: StampsNow): void {
    this.probes = now.probes
    this.results = now.results
    this.mesh = now.mesh
    this.incidents = now.incidents
    this.doors = now.doors
  }
}
