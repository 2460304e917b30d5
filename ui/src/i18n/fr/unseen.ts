import type { unseen as source } from '../en/unseen'
import type { Same } from '../message'

export const unseen: Same<typeof source> = {}
