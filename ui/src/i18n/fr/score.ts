import type { score as source } from '../en/score'
import type { Same } from '../message'

export const score: Same<typeof source> = {}
