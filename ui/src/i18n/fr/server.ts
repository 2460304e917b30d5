import type { server as source } from '../en/server'
import type { Same } from '../message'

export const server: Same<typeof source> = {}
