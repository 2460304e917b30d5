import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Backend } from '$ui/ipc/backend'
import type { AuditCard, AuditView, LiveUpdate } from '$ui/ipc/bindings'

const target = new EventTarget()
vi.stubGlobal('location', { hash: '' })
vi.stubGlobal('addEventListener', target.addEventListener.bind(target))
vi.stubGlobal('navigator', { language: 'en-GB' })
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }))
vi.stubGlobal('document', { documentElement: { dataset: {}, lang: '' } })
const { Session } = await import('./session.svelte')
const { toasts } = await import('./toasts.svelte')

const card = (id: number, more: Partial<AuditCard> = {}) =>
  ({ id, name: `audit ${id}`, state: 'done', ...more }) as AuditCard
const view = (id: number, more: Partial<AuditCard> = {}) => ({ card: card(id, more) }) as AuditView
const settle = () => new Promise((done) => setTimeout(done))

function backend(more: Partial<Backend>): { backend: Backend; tell: (update: LiveUpdate) => void } {
  let tell: (update: LiveUpdate) => void = () => {}
  const base = {
    settings: async () => ({ language: 'en', theme: 'light', score_profile: 'telltale', pandore: {} }),
    start_page: async () => ({ audits: [card(1), card(2)], leaving: [] }),
    open_from_command_line: async () => null,
    follow: async (react: (update: LiveUpdate) => void) => void (tell = react),
    on_drop: () => {},
    audit: async (id: number) => view(id),
    ...more,
  }
  return { backend: base as unknown as Backend, tell: (update) => tell(update) }
}

const stamps = { probes: 0, results: 0, mesh: 0, incidents: 0, doors: 0 }

beforeEach(() => {
  location.hash = ''
  toasts.list = []
})

describe('the session', () => {
  it('merges what it is told, new audits first', async () => {
    const { backend: one, tell } = backend({})
    const session = new Session(one)
    await session.begin()
    tell({ revision: 1, audits: [view(3, { state: 'reading' })], removed: [], notices: [], stamps })
    tell({ revision: 2, audits: [view(1, { servers: 9 })], removed: [2], notices: [], stamps })
    expect(session.cards?.map((row) => [row.id, row.servers])).toEqual([
      [3, undefined],
      [1, 9],
    ])
    expect(session.views.get(3)?.card.state).toBe('reading')
  })

  it('tells the desktop of a new tracker only where that is switched on', async () => {
    for (const notices of [false, true]) {
      const notify = vi.fn(async () => {})
      const settings = async () => ({ language: 'en', theme: 'light', notices })
      const { backend: one, tell } = backend({ notify, settings } as unknown as Partial<Backend>)
      await new Session(one).begin()
      tell({
        revision: 1,
        audits: [],
        removed: [],
        notices: [{ kind: 'tracker', audit: 1, company: 'Adjust' }],
        stamps,
      })
      expect(notify).toHaveBeenCalledTimes(notices ? 1 : 0)
      expect(toasts.list).toEqual([])
    }
  })

  it('asks again for everything after a gap', async () => {
    const start_page = vi.fn(async () => ({ audits: [card(1)], leaving: [] }))
    const { backend: one, tell } = backend({ start_page })
    await new Session(one).begin()
    tell({ revision: 1, audits: [], removed: [], notices: [], stamps })
    tell({ revision: 2, audits: [], removed: [], notices: [], stamps })
    await settle()
    expect(start_page).toHaveBeenCalledTimes(1)
    tell({ revision: 7, audits: [], removed: [], notices: [], stamps })
    await settle()
    expect(start_page).toHaveBeenCalledTimes(2)
  })

  it('works on with defaults when the store does not answer, and says so', async () => {
    const broken = () => Promise.reject({ code: 'store', detail: '', message: 'disk full' })
    const { backend: one } = backend({ settings: broken, start_page: broken })
    const session = new Session(one)
    await session.begin()
    expect(session.settings?.score_profile).toBe('telltale')
    expect(session.unlisted?.message).toBe('disk full')
    expect(toasts.list.at(-1)?.bad).toBe(true)
  })

  it('shows the file named on the command line', async () => {
    const { backend: one } = backend({ open_from_command_line: async () => ({ kind: 'started', id: 5 }) })
    await new Session(one).begin()
    expect(location.hash).toBe('#/audit/5/overview')
  })

  it('keeps why a file was refused, until the next one', async () => {
    const open_capture = vi
      .fn()
      .mockRejectedValueOnce({ code: 'not_a_capture', detail: 'pdf', message: '' })
      .mockResolvedValueOnce({ kind: 'started', id: 4 })
    const session = new Session(backend({ open_capture }).backend)
    await session.open('a.pdf', false)
    expect(session.refused?.detail).toBe('pdf')
    await session.open('b.pcap', false)
    expect(session.refused).toBeNull()
    expect(location.hash).toBe('#/audit/4/overview')
  })

  it('takes an audit away at once, and brings it back', async () => {
    const [remove, restore] = [vi.fn(async () => {}), vi.fn(async () => {})]
    const session = new Session(backend({ remove, restore }).backend)
    await session.begin()
    await session.remove(card(2))
    expect(session.cards?.map((row) => row.id)).toEqual([1])
    toasts.list.at(-1)?.act?.run()
    await settle()
    expect(restore).toHaveBeenCalledWith(2)
    expect(session.cards?.map((row) => row.id)).toEqual([1, 2])
  })
})
