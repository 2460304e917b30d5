import { describe, expect, it } from 'vitest'
import { day, duration, relative } from './times'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('duration', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [2.34, '2.3 seconds'],
    [59.4, '59 seconds'],
    [60, '1 minute'],
    [719, '12 minutes'],
    [3_600, '1 hour'],
    [3_900, '1 hour 5 minutes'],
    [86_400, '1 day'],
    [97_200, '1 day 3 hours'],
    [null, '0 seconds'],
  ])('%s s is %s', (seconds, text) => expect(plain(duration(seconds, 'en'))).toBe(text))

  it('speaks French', () => expect(plain(duration(3_900, 'fr'))).toBe('1 heure 5 minutes'))
})

describe('relative', () => {
  const now = Date.UTC(2026, 10, 22, 12)
  it.each([
    [now - 20_000, 'now'],
    [now - 120_000, '2 minutes ago'],
    [now - 2 * 3_600_000, '2 hours ago'],
    [now - 86_400_000, 'yesterday'],
    [now - 15 * 86_400_000, '2 weeks ago'],
  ])('%s is %s', (ms, text) => expect(relative(ms, now, 'en')).toBe(text))

  it('has nothing to say of no time', () => expect(relative(null, now, 'en')).toBe(''))
})

it('reads a date of a data set, and leaves what is none', () => {
  expect(day('2026-06-17', 'en')).toBe('17 June 2026')
  expect(day('summer', 'en')).toBe('summer')
})
