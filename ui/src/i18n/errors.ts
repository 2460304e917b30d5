// Errors in words: what happened, and what to do. The engine's own English sentence stands behind where it adds something.

import type { CommandError } from '$ui/ipc/bindings'
import { plain } from '$ui/format/words'
import { known, t } from './language.svelte'
import { said } from './said'

/** Codes whose cause only the engine's own sentence tells. */
const WITH_CAUSE: readonly CommandError['code'][] = [
  'file',
  'store',
  'invalid_input',
  'mesh',
  'password',
  'http',
  'output',
]

/** Codes whose causes have words of their own. */
const FAILED: Partial<Record<CommandError['code'], (detail: string) => string>> = {
  hotspot: (detail) => `hotspot.failed.${detail}`,
  app_report: (detail) => `apps.wrong.${detail}`,
  door: (detail) => `door.failed.${detail}`,
}

export const errorTitle = (error: CommandError): string => t(`error.${error.code}`)

export function errorText(error: CommandError): string {
  const looks = `looks.${error.detail}`
  const seen = error.code === 'not_a_capture' && known(looks) ? `${t(looks)} ` : ''
  // Where the cause has words of its own, they say what to do better than the code's.
  const failed = FAILED[error.code]?.(error.detail)
  if (failed && known(failed)) return t(failed)
  const next = t(`error.${error.code}.next`, { detail: plain(error.detail) })
  const cause = WITH_CAUSE.includes(error.code) && error.message ? ` (${plain(said(error.message))})` : ''
  return seen + next + cause
}
