import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FilterProblem } from '$ui/ipc/bindings'
import { cut, FilterCheck } from './filter.svelte'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const wrong = (at: number, length: number): FilterProblem => ({ at, length, kind: 'unknown_word', message: '' })

describe('a filter expression', () => {
  it('is cut at the characters that are wrong', () => {
    expect(cut('host 1.2.3.4 and prt 53', wrong(17, 3))).toEqual({
      before: 'host 1.2.3.4 and ',
      wrong: 'prt',
      after: ' 53',
    })
  })

  it('counts characters as the engine does, beyond the first plane too', () => {
    expect(cut('𝄞𝄞 prt x', wrong(3, 3))).toEqual({ before: '𝄞𝄞 ', wrong: 'prt', after: ' x' })
  })

  it('has a place without characters where something is missing, and never one beyond its end', () => {
    expect(cut('host', wrong(4, 0))).toEqual({ before: 'host', wrong: '', after: '' })
    expect(cut('host', wrong(90, 5))).toEqual({ before: 'host', wrong: '', after: '' })
  })

  it('is checked once after a pause in typing', async () => {
    const check = vi.fn(async () => null)
    const filter = new FilterCheck()
    for (const text of ['t', 'tc', 'tcp']) filter.type(text, check)
    expect(filter.good).toBe(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(check).toHaveBeenCalledTimes(1)
    expect(check).toHaveBeenCalledWith('tcp')
    expect(filter.good).toBe(true)
  })

  it('believes no answer to what is no longer there', async () => {
    const filter = new FilterCheck()
    let answer: (problem: FilterProblem | null) => void = () => {}
    filter.type('tcp prt', () => new Promise((done) => (answer = done)))
    await vi.advanceTimersByTimeAsync(300)
    filter.type('tcp port 53', () => new Promise(() => {}))
    answer(wrong(4, 3))
    await vi.advanceTimersByTimeAsync(0)
    expect(filter.problem).toBeNull()
    expect(filter.good).toBe(false)
  })

  it('is neither good nor wrong when empty', async () => {
    const check = vi.fn(async () => wrong(0, 1))
    const filter = new FilterCheck()
    filter.type('x', check)
    await vi.advanceTimersByTimeAsync(300)
    filter.type('  ', check)
    expect([filter.problem, filter.good]).toEqual([null, false])
  })
})
