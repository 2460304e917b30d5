// Les applications d’un audit.

import type { apps as source } from '../en/apps'
import type { Same } from '../message'

export const apps: Same<typeof source> = {}
