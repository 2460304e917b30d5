// What passes over each network device now, from counters that only ever grow.

import type { DeviceView } from '$ui/ipc/bindings'

/** Seconds that a small line shows. */
export const SPARK_SECONDS = 60

type Reading = { octets: number; at: number }

/** Octets a second between two readings; a counter that went back belongs to a device made anew, and says nothing. */
export function rate(before: Reading, now: Reading): number {
  const seconds = (now.at - before.at) / 1000
  return seconds > 0 && now.octets >= before.octets ? (now.octets - before.octets) / seconds : 0
}

export class Sparks {
  /** By the device's name: octets a second, both ways, oldest first. */
  lines = $state.raw<ReadonlyMap<string, readonly number[]>>(new Map())
  #last = new Map<string, Reading>()

  /** Takes one look at all devices; those that are gone are forgotten. */
  take(devices: readonly DeviceView[], at: number): void {
    const lines = new Map<string, readonly number[]>()
    const last = new Map<string, Reading>()
    for (const device of devices) {
      const now = { octets: device.received_bytes + device.sent_bytes, at }
      const before = this.#last.get(device.name)
      const line = this.lines.get(device.name) ?? []
      lines.set(device.name, before ? [...line, rate(before, now)].slice(-SPARK_SECONDS) : line)
      last.set(device.name, now)
    }
    this.lines = lines
    this.#last = last
  }
}

/** The line as SVG points in a box of `width` by `height`, the newest at the right, up is more. */
export function points(line: readonly number[], width: number, height: number): string {
  const most = Math.max(1, ...line)
  const step = width / (SPARK_SECONDS - 1)
  return line
    .map((value, i) => {
      const x = width - (line.length - 1 - i) * step
      return `${x.toFixed(1)},${(height - (value / most) * height).toFixed(1)}`
    })
    .join(' ')
}
