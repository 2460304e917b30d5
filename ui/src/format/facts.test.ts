import { describe, expect, it } from 'vitest'
import { at, facts, MOST_FACTS, numeric, pretty, spelt, summaryOf } from './facts'

describe('facts', () => {
  const root = { reachable: true, 'a/b~c': [1, { deep: 'x' }], none: {}, empty: null }

  it('are lines with pointers that lead back to their values', () => {
    const { lines } = facts(root)
    expect(lines.map(({ pointer, depth, leaf }) => [pointer, depth, leaf])).toEqual([
      ['/reachable', 0, true],
      ['/a~1b~0c', 0, false],
      ['/a~1b~0c/0', 1, true],
      ['/a~1b~0c/1', 1, false],
      ['/a~1b~0c/1/deep', 2, true],
      ['/none', 0, true],
      ['/empty', 0, true],
    ])
    for (const { pointer, value } of lines) expect(at(root, pointer)).toEqual(value)
  })

  it('never make a page of any length', () => {
    const { lines, beyond } = facts({ list: Array.from({ length: 1_000 }, (_, i) => i) })
    expect(lines).toHaveLength(MOST_FACTS)
    expect(beyond).toBe(1_001 - MOST_FACTS)
  })

  it('have nothing to say where there is nothing', () => {
    expect(facts(null).lines).toEqual([])
    expect(at({ a: 1 }, '/b')).toBeUndefined()
    expect(at({ a: 1 }, '/a/b')).toBeUndefined()
    expect(at({}, '/constructor')).toBeUndefined()
    expect(at({ a: 1 }, '')).toEqual({ a: 1 })
  })
})

it('knows which numbers can be drawn, the most frequent first', () => {
  expect(numeric([{ facts: { ms: 3, n: 1 } }, { facts: { ms: 4, text: 'x' } }])).toEqual(['/ms', '/n'])
})

it('reads pointers and bodies for people', () => {
  expect(spelt('/hops/0/a~1b_c')).toEqual(['hops', '0', 'a/b_c'])
  expect(spelt('/measured/rtt_ms/mean')).toEqual(['rtt_ms', 'mean'])
  expect(pretty('{"a":1}')).toEqual({ text: '{\n  "a": 1\n}', json: true })
  expect(pretty('hello <b>')).toEqual({ text: 'hello <b>', json: false })
  expect(summaryOf('{"verdict":"expected","summary":"It answered."}')).toBe('It answered.')
  expect(summaryOf('{"conclusion":"They agree.","summary":3}')).toBe('They agree.')
  for (const odd of ['hello <b>', '{}', 'null', '[]', '"summary"']) expect(summaryOf(odd)).toBe('')
})
