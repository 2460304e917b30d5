// The last seconds as bars. Pure.

import type { Rate } from '$ui/ipc/bindings'

/** Seconds shown. */
export const SECONDS = 120
/** Height of the picture; each side has half of it. */
export const HEIGHT = 40

export type Bar = { x: number; up: number; down: number }

/**
 * One bar a second, the newest at the right. Both sides share one scale, a root one: a phone's quiet seconds stay visible beside
 * a download. Seconds without traffic have no bar.
 */
export function bars(recent: readonly Rate[]): Bar[] {
  const last = recent.slice(-SECONDS)
  const most = Math.max(1, ...last.map((rate) => Math.max(rate.sent, rate.received)))
  const size = (octets: number) => (HEIGHT / 2) * Math.sqrt(octets / most)
  return last
    .map((rate, at) => ({ x: SECONDS - last.length + at, up: size(rate.sent), down: size(rate.received) }))
    .filter((bar) => bar.up > 0 || bar.down > 0)
}
