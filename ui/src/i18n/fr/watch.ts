// Le chemin vers un audit en direct.

import type { watch as source } from '../en/watch'
import type { Same } from '../message'

export const watch: Same<typeof source> = {}
