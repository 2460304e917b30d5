import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listed } from './rows.svelte'

vi.stubGlobal('location', { hash: '' })
vi.stubGlobal('addEventListener', () => {})
const { TableState, tableOf, tableQuery } = await import('./table.svelte')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a table of an audit', () => {
  it('answers the same question once', () => {
    const fetch = vi.fn(listed([1]))
    const table = new TableState<number>('t', [])
    table.ask('q', 1, fetch)
    table.ask('q', 1, fetch)
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('shows what is new at once where rows come quickly', async () => {
    const fetch = vi.fn(listed([1]))
    const table = new TableState<number>('t', [])
    table.ask('q', 1, fetch)
    await vi.advanceTimersByTimeAsync(250)
    table.ask('q', 2, fetch)
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('leaves a slow table its time', async () => {
    const slow = vi.fn(async () => {
      await new Promise((done) => setTimeout(done, 400))
      return { total: 1, rows: [1] }
    })
    const table = new TableState<number>('t', [])
    table.ask('q', 1, slow)
    for (let version = 2; version < 42; version += 1) {
      await vi.advanceTimersByTimeAsync(250)
      table.ask('q', version, slow)
    }
    expect(slow.mock.calls.length).toBeGreaterThan(3)
    expect(slow.mock.calls.length).toBeLessThanOrEqual(8)
  })

  it.each([{ top: 400 }, { touched: true }])('holds still while it is looked at: %j', (how) => {
    const fetch = vi.fn(listed([1]))
    const table = Object.assign(new TableState<number>('t', []), {})
    table.ask('q', 1, fetch)
    Object.assign(table, how)
    table.ask('q', 2, fetch)
    expect(fetch).toHaveBeenCalledTimes(1)
    expect(table.rows.stale).toBe(true)
  })

  it('is the same one on return', () => {
    expect(tableOf(1, 'servers', [])).toBe(tableOf(1, 'servers', []))
    expect(tableOf(1, 'servers', [])).not.toBe(tableOf(2, 'servers', []))
  })

  it('asks the engine what the link says', () => {
    expect(tableQuery({ company: '', up: true, purposes: ['crash'] }, 'sent_bytes', 200, 50)).toEqual({
      search: '',
      sort: 'sent_bytes',
      descending: false,
      filter: { purposes: ['crash'], clear_text: false, unnamed: false },
      company: '',
      country: null,
      device: null,
      server: null,
      app: null,
      offset: 200,
      limit: 50,
    })
  })
})
