import type { help as source } from '../en/help'
import type { Same } from '../message'

export const help: Same<typeof source> = {}
