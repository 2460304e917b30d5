// The probe that is being set up: what was typed, what is wrong with it, and the probe that it means. Kept while the window lives.

import type { Limits, Missed, Overlap, Probe, RunsOn } from '$ui/ipc/bindings'
import { checkOf, DEFAULTS, faulty, fieldsOf, wholeNumber, type Fields, type Kind } from './checks'
import { expectationOf, wantedFault, wantedOf, type Wanted } from './expect'
import { behaviourOf, RHYTHM, rhythmFault, rhythmOf, type Rhythm } from './rhythm'
import type { Template } from './templates'

export const LIMITS = { timeout_s: [1, 86_400], output_bytes: [1, 16_777_216], memory_mb: [1, 65_536] } as const
const USUAL: Limits = { timeout_s: 30, output_bytes: 1_000_000, memory_mb: 256 }

export class Draft {
  /** Id of the probe that is changed; empty: a new one. */
  id = $state('')
  revision = $state(1)
  enabled = $state(true)
  name = $state('')
  kind = $state<Kind>('reachability')
  /** Kept for each kind, so that looking at another kind loses nothing. */
  fields = $state.raw<Partial<Record<Kind, Fields>>>({})
  rhythm = $state.raw<Rhythm>(RHYTHM)
  wanted = $state.raw<Wanted>(wantedOf(null))
  missed = $state<Missed>('skip')
  overlap = $state<Overlap>('skip')
  runsBy = $state<RunsOn['by']>('here')
  role = $state('')
  limits = $state.raw<Record<keyof Limits, string>>(texts(USUAL))
  /** What it was when it was begun, to know whether anything was typed. */
  #begun = ''

  now = $derived<Fields>(this.fields[this.kind] ?? DEFAULTS[this.kind])
  limitsFault = $derived(
    (Object.keys(LIMITS) as (keyof Limits)[]).find((key) => wholeNumber(this.limits[key], ...LIMITS[key]) === null) ??
      null,
  )
  checkReady = $derived(!faulty(this.kind, this.now) && this.limitsFault === null)
  ready = $derived(
    this.name.trim() !== '' &&
      this.checkReady &&
      rhythmFault(this.rhythm) === null &&
      wantedFault(this.wanted) === null &&
      (this.runsBy === 'here' || this.role.trim() !== ''),
  )

  set(key: string, text: string): void {
    this.fields = { ...this.fields, [this.kind]: { ...this.now, [key]: text } }
  }

  /** Begins anew with a template, or with nothing. */
  begin(template: Template | null, name: string): void {
    this.id = ''
    this.revision = 1
    this.enabled = true
    this.name = name
    this.kind = template?.kind ?? 'reachability'
    this.fields = template ? { [template.kind]: template.fields } : {}
    this.rhythm = template?.rhythm ?? RHYTHM
    this.wanted = template?.wanted ?? wantedOf(null)
    this.missed = template?.missed ?? 'skip'
    this.overlap = template?.overlap ?? 'skip'
    this.runsBy = 'here'
    this.role = ''
    this.limits = texts(
      template?.kind === 'audit' ? { ...USUAL, timeout_s: Number(template.fields.seconds) + 60 } : USUAL,
    )
    this.#begun = this.#text()
  }

  /** Begins with a probe that is to be changed. */
  take(probe: Probe): void {
    this.id = probe.id
    this.revision = probe.revision
    this.enabled = probe.enabled
    this.name = probe.name
    this.kind = probe.check.kind
    this.fields = { [probe.check.kind]: fieldsOf(probe.check) }
    this.rhythm = rhythmOf(probe.behaviour)
    this.wanted = wantedOf(probe.expected)
    this.missed = probe.missed
    this.overlap = probe.overlap
    this.runsBy = probe.runs_on.by
    this.role = 'role' in probe.runs_on ? probe.runs_on.role : ''
    this.limits = texts(probe.limits)
    this.#begun = this.#text()
  }

  get touched(): boolean {
    return this.#text() !== this.#begun
  }

  get check() {
    return checkOf(this.kind, this.now)
  }

  get wish(): Limits {
    return {
      timeout_s: Number(this.limits.timeout_s),
      output_bytes: Number(this.limits.output_bytes),
      memory_mb: Number(this.limits.memory_mb),
    }
  }

  /** The probe that it means; only of a draft that is ready. */
  get probe(): Probe {
    const role = this.role.trim()
    return {
      id: this.id,
      revision: this.revision,
      name: this.name.trim(),
      check: this.check,
      behaviour: behaviourOf(this.rhythm),
      missed: this.missed,
      overlap: this.overlap,
      limits: this.wish,
      expected: expectationOf(this.wanted),
      runs_on: this.runsBy === 'here' ? { by: 'here' } : { by: this.runsBy, role },
      enabled: this.enabled,
    }
  }

  #text(): string {
    return JSON.stringify([this.name, this.kind, this.fields, this.rhythm, this.wanted, this.missed, this.overlap, this.runsBy, this.role, this.limits]) // prettier-ignore
  }
}

const texts = (limits: Limits): Record<keyof Limits, string> => ({
  timeout_s: `${limits.timeout_s}`,
  output_bytes: `${limits.output_bytes}`,
  memory_mb: `${limits.memory_mb}`,
})
