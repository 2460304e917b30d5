// Les phrases du moteur, en français.

import type { Sayings } from '../../said'
import { checks } from './checks'
import { doors, joined } from './doors'
import { mesh } from './mesh'
import { names } from './names'
import { probes } from './probes'
import { rules } from './rules'

export { joined, names }

/** Each stands in the engine's source as it stands here, up to the names of its slots. */
export const written: Sayings = { ...checks, ...probes, ...rules, ...mesh, ...doors }
export const said: Sayings = { ...written, ...joined }
