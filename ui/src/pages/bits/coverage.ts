// The coverage meter's parts: how the octets came to their names, as shares of one whole.

import type { Coverage } from '$ui/ipc/bindings'

export const COVERED = ['observed', 'inferred', 'address', 'tunnel', 'nothing'] as const
export type Covered = (typeof COVERED)[number]

export const COVER_COLOR: Record<Covered, string> = {
  observed: 'var(--accent)',
  inferred: 'color-mix(in srgb, var(--accent) 50%, var(--hover))',
  address: 'var(--received)',
  tunnel: 'var(--line-strong)',
  nothing: 'var(--line)',
}

/** The parts add up to the whole; what no counter claims is `nothing`. */
export function parts(coverage: Coverage): Record<Covered, number> {
  const { bytes, observed_name_bytes, inferred_name_bytes, address_only_bytes, tunnel_bytes } = coverage
  const claimed = observed_name_bytes + inferred_name_bytes + address_only_bytes + tunnel_bytes
  return {
    observed: observed_name_bytes,
    inferred: inferred_name_bytes,
    address: address_only_bytes,
    tunnel: tunnel_bytes,
    nothing: Math.max(0, bytes - claimed),
  }
}

/** Octets that no name was found for. */
export function unnamedBytes(coverage: Coverage): number {
  const { address, tunnel, nothing } = parts(coverage)
  return address + tunnel + nothing
}
