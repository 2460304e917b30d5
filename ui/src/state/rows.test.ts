import { describe, expect, it, vi } from 'vitest'
import { listed, Rows, WINDOW } from './rows.svelte'

const numbers = (length: number) => Array.from({ length }, (_, i) => i)
const settle = () => new Promise((done) => setTimeout(done))

describe('rows', () => {
  it('come in windows, each asked for once', async () => {
    const fetch = vi.fn(listed(numbers(100_000)))
    const rows = new Rows<number>()
    await rows.ask(fetch)
    expect(rows.total).toBe(100_000)
    rows.want(50_000, 50_030)
    rows.want(50_010, 50_040)
    expect(rows.at(50_000)).toBeNull()
    await settle()
    expect(rows.at(50_000)).toBe(50_000)
    expect(fetch.mock.calls).toEqual([
      [0, WINDOW],
      [50_000, WINDOW],
    ])
  })

  it('far from sight are forgotten', async () => {
    const rows = new Rows<number>()
    await rows.ask(listed(numbers(100_000)))
    for (let at = 0; at < 20_000; at += WINDOW) {
      rows.want(at, at + 20)
      await settle()
    }
    expect(rows.at(0)).toBeNull()
    expect(rows.at(19_800)).toBe(19_800)
  })

  it('of a late answer to an old question are dropped', async () => {
    const rows = new Rows<string>()
    let late: (page: { total: number; rows: string[] }) => void = () => {}
    const first = rows.ask(() => new Promise((done) => (late = done)))
    await rows.ask(listed(['new']))
    late({ total: 1, rows: ['old'] })
    await first
    expect(rows.at(0)).toBe('new')
  })

  it('keep what was shown when a question fails, and say why', async () => {
    const rows = new Rows<string>()
    await rows.ask(listed(['kept']))
    await rows.ask(() => Promise.reject({ code: 'store', message: 'disk full' }))
    expect(rows.error).toEqual({ code: 'store', message: 'disk full' })
    expect(rows.at(0)).toBe('kept')
  })
})
