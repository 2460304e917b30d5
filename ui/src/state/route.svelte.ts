// Where the window is: one hash, read and written here only. Links are plain `href`s made by the functions below.

import type { RowFilter } from '$ui/ipc/bindings'

export type Tab = 'overview' | 'companies' | 'servers' | 'apps' | 'score' | 'flows' | 'unseen'
export const TABS: readonly Tab[] = ['overview', 'companies', 'servers', 'apps', 'score', 'flows', 'unseen']

/** Parts of the place of probes and mesh; `join` is the way into the mesh. */
export type MeshTab = (typeof MESH_TABS)[number] | 'join'
export const MESH_TABS = ['probes', 'results', 'incidents', 'rules', 'agents', 'messages', 'topics', 'doors'] as const

export type Place =
  | { name: 'start' }
  | { name: 'mesh'; tab: MeshTab; id: string | null; edit: boolean }
  | { name: 'watch' }
  | { name: 'settings' }
  | { name: 'help' }
  | { name: 'audit'; audit: number; tab: Tab; server: number | null }

/** What links to results, messages and topics ask for. */
const MESH_ASKS = [
  'template',
  'probe', 'agent', 'target', 'verdict', 'changed', 'period', 'field', 'peer', 'thread', 'performative', 'service', 'node',
] as const // prettier-ignore

/** What a link to a table asks for; empty fields are left out. */
export type Ask = Partial<Omit<RowFilter, 'purposes'>> &
  Partial<Record<(typeof MESH_ASKS)[number], string>> & {
    purposes?: string[]
    group?: string
    company?: string
    country?: string
    device?: number
    server?: number
    app?: string
    search?: string
    sort?: string
    up?: boolean
  }

/** The place that a hash names; the start page for anything that is none. */
export function place(hash: string): Place {
  const [first, id, second, third] = hash.replace(/^#\/?/, '').split('?')[0]!.split('/')
  if (first === 'mesh') {
    const tab = id === 'join' ? id : (MESH_TABS.find((one) => one === id) ?? 'probes')
    return { name: 'mesh', tab, id: second ? decoded(second) : null, edit: third === 'edit' }
  }
  if (first === 'watch' || first === 'settings' || first === 'help') return { name: first }
  const audit = Number(id)
  if (first !== 'audit' || !id || !Number.isInteger(audit)) return { name: 'start' }
  if (second === 'server' && /^\d+$/.test(third ?? '')) {
    return { name: 'audit', audit, tab: 'servers', server: Number(third) }
  }
  const tab = TABS.find((one) => one === second) ?? 'overview'
  return { name: 'audit', audit, tab, server: null }
}

/** A part of a link in plain text; itself where it is no valid code. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Link to a part of the place of probes and mesh, or to one thing in it. */
export function toMesh(tab: MeshTab, id: string | null = null, ask: Ask = {}, edit = false): string {
  return `#/mesh/${tab}${id === null ? '' : `/${encodeURIComponent(id)}${edit ? '/edit' : ''}`}${query(ask)}`
}

/** Link to one part of an audit, with what its table shall show. */
export function to(audit: number, tab: Tab, ask: Ask = {}): string {
  return `#/audit/${audit}/${tab}${query(ask)}`
}

export const toServer = (audit: number, server: number): string => `#/audit/${audit}/server/${server}`

/** Link to the servers of a company; one that only its network names is found by search, since its rows name no company. */
export function toCompany(audit: number, name: string | null, byNetwork: boolean): string {
  if (name === null) return to(audit, 'servers', { company: '' })
  return to(audit, 'servers', byNetwork ? { company: '', search: name } : { company: name })
}

/** Link to the rows that a score's reason counts. */
export function toRows(audit: number, rows: RowFilter): string {
  return to(audit, 'servers', { purposes: rows.purposes, clear_text: rows.clear_text, unnamed: rows.unnamed })
}

function query(ask: Ask): string {
  const out = new URLSearchParams()
  for (const [key, value] of Object.entries(ask)) {
    if (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false && value !== null) {
      out.set(key, Array.isArray(value) ? value.join(',') : value === true ? '1' : String(value))
    }
  }
  const text = out.toString()
  return text ? `?${text}` : ''
}

/** What the hash asks of a table. */
export function ask(hash: string): Ask {
  const got = new URLSearchParams(hash.split('?')[1] ?? '')
  const number = (key: string) => (/^\d+$/.test(got.get(key) ?? '') ? Number(got.get(key)) : undefined)
  return {
    purposes: got.get('purposes')?.split(',').filter(Boolean),
    clear_text: got.get('clear_text') === '1',
    unnamed: got.get('unnamed') === '1',
    group: got.get('group') ?? undefined,
    company: got.get('company') ?? undefined,
    country: got.get('country') ?? undefined,
    device: number('device'),
    server: number('server'),
    app: got.get('app') ?? undefined,
    search: got.get('search') ?? undefined,
    sort: got.get('sort') ?? undefined,
    up: got.get('up') === '1',
    ...Object.fromEntries(MESH_ASKS.flatMap((key) => (got.get(key) ? [[key, got.get(key)]] : []))),
  }
}

class Route {
  hash = $state(location.hash)
  place = $derived(place(this.hash))
  ask = $derived(ask(this.hash))
  /** The audit that was open last, so that its place in the rail leads back to it. */
  lastAudit = $state<string | null>(null)

  constructor() {
    addEventListener('hashchange', () => this.#arrive())
    this.#arrive()
  }

  #arrive(): void {
    this.hash = location.hash
    const now = place(this.hash)
    if (now.name === 'audit') this.lastAudit = this.hash
  }

  /** Audits are gone: their place in the rail leads nowhere. */
  forget(audits: readonly number[]): void {
    const last = place(this.lastAudit ?? '')
    if (last.name === 'audit' && audits.includes(last.audit)) this.lastAudit = null
  }

  go(hash: string): void {
    location.hash = hash
  }

  /** Changes what the table here shows without a new step in the history. */
  refine(change: Ask): void {
    const next = this.hash.split('?')[0] + query({ ...this.ask, ...change })
    history.replaceState(history.state, '', next)
    this.#arrive()
  }

  back(): void {
    history.back()
  }

  forward(): void {
    history.forward()
  }
}

export const route = new Route()

// How far each page was scrolled, by its hash: returning to it finds it as it was left.
const scrolled = new Map<string, number>()

export const scroll = {
  keep: (key: string, top: number): void => void scrolled.set(key, top),
  of: (key: string): number => scrolled.get(key) ?? 0,
}
