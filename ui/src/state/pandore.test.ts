import { expect, it } from 'vitest'
import { PANDORE_DEFAULTS, validPandore } from './pandore'

it.each([
  [{}, true],
  [{ weight_pause: 0, weight_rate: 0 }, true],
  [{ weight_pause: 0, weight_rate: 0, weight_servers: 0 }, false],
  [{ weight_pause: -1 }, false],
  [{ slope: 0 }, false],
  [{ reference_servers: Number.NaN }, false],
])('%j is valid: %s', (change, valid) => expect(validPandore({ ...PANDORE_DEFAULTS, ...change })).toBe(valid))
