// Pandore's numbers as its authors set them, and which values make sense.

import type { PandoreSettings } from '$ui/ipc/bindings'

export const PANDORE_DEFAULTS: PandoreSettings = {
  reference_pause_s: 15,
  reference_rate_mib_s: 0.1,
  reference_servers: 50,
  weight_pause: 1,
  weight_rate: 1,
  weight_servers: 1,
  slope: 1,
  harmonic: false,
}

export type PandoreField = Exclude<keyof PandoreSettings, 'harmonic'>

export const PANDORE_FIELDS: readonly { field: PandoreField; step: string }[] = [
  { field: 'reference_pause_s', step: '1' },
  { field: 'weight_pause', step: '0.1' },
  { field: 'reference_rate_mib_s', step: '0.01' },
  { field: 'weight_rate', step: '0.1' },
  { field: 'reference_servers', step: '1' },
  { field: 'weight_servers', step: '0.1' },
  { field: 'slope', step: '0.1' },
]

/** References and slope above 0, weights 0 or more, and one weight above 0. */
export function validPandore(set: PandoreSettings): boolean {
  const above = [set.reference_pause_s, set.reference_rate_mib_s, set.reference_servers, set.slope]
  const weights = [set.weight_pause, set.weight_rate, set.weight_servers].map((one) => one ?? Number.NaN)
  return (
    above.every((one) => Number.isFinite(one) && Number(one) > 0) &&
    weights.every((one) => Number.isFinite(one) && one >= 0) &&
    weights.some((one) => one > 0)
  )
}
