// What a name may claim, by where it was read; the same rule as the engine's `NameSource::basis`.

import type { Basis, NameSource } from '$ui/ipc/bindings'

export function nameBasis(source: NameSource): Basis {
  return source === 'dns' || source === 'reverse_dns' ? 'inferred' : 'observed'
}
