import type { settings as source } from '../en/settings'
import type { Same } from '../message'

export const settings: Same<typeof source> = {}
