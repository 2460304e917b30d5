// The columns of the results, newest first.

import { duration, relative } from '$ui/format/times'
import { language, t } from '$ui/i18n/language.svelte'
import { said } from '$ui/i18n/said'
import type { ProbeResult } from '$ui/ipc/bindings'
import type { Column } from '$ui/parts/table/column'
import { agentWords, kindWords } from '../bits/words'

export const AWAY = ['kind', 'took', 'target']

export function columns(now: number): Column<ProbeResult>[] {
  const lang = language.now
  const track = (least: number, part: number) => ({ least, track: `minmax(${least}px, ${part}fr)` })
  return [
    { key: 'ended', label: t('results.ended'), ...track(130, 1), text: (row) => relative(row.ended, now, lang) },
    { key: 'verdict', label: t('results.verdict'), ...track(170, 1), text: (row) => t(`verdict.${row.verdict}`) },
    { key: 'probe', label: t('term.probe'), ...track(180, 2), fixed: true, text: (row) => row.probe_name },
    { key: 'target', label: t('results.target'), ...track(150, 1.5), text: (row) => said(row.target) },
    { key: 'kind', label: t('results.kind'), ...track(170, 1.2), text: (row) => kindWords(row.kind) },
    { key: 'summary', label: t('results.says'), ...track(260, 4), text: (row) => said(row.summary || row.problem) },
    { key: 'agent', label: t('results.agent'), ...track(140, 1.2), text: (row) => agentWords(row.agent) },
    {
      key: 'took',
      label: t('results.took'),
      ...track(110, 0.8),
      numeric: true,
      text: (row) => duration((row.ended - row.started) / 1000, lang),
    },
  ]
}
