// Times in which a live audit could not see. Pure: "now" comes in.

import type { Gap } from '$ui/ipc/bindings'

/** Length of a gap in seconds; one that lasts still is measured up to now. */
export function seconds(gap: Gap, now: number): number {
  return Math.max(0, ((gap.to ?? now) - gap.from) / 1000)
}
