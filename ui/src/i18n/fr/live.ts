// Un audit en direct : son état, son enregistrement, ses trous.

import type { live as source } from '../en/live'
import type { Same } from '../message'

export const live: Same<typeof source> = {}
