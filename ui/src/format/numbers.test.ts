import { describe, expect, it } from 'vitest'
import { bytes, count, decimal, share } from './numbers'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [1_234, '1.23 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_600, '1 MB'],
    [61_200_000, '61.2 MB'],
    [4_000_000_000_000, '4 TB'],
    [null, '0 B'],
    [-5, '0 B'],
  ])('%s is %s', (n, text) => expect(plain(bytes(n, 'en'))).toBe(text))

  it('says octets in French', () => expect(plain(bytes(1_234_567, 'fr'))).toBe('1,23 Mo'))
})

describe('share', () => {
  it.each([
    [0, 10, '0%'],
    [1, 1_000, '< 1%'],
    [999, 1_000, '> 99%'],
    [10, 10, '100%'],
    [1, 3, '33%'],
    [1, 0, '0%'],
  ])('%s of %s is %s', (part, whole, text) => expect(plain(share(part, whole, 'en'))).toBe(text))
})

it('writes numbers as the language does', () => {
  expect(count(1_234_567, 'en')).toBe('1,234,567')
  expect(plain(count(1_234_567, 'fr'))).toBe('1 234 567')
  expect(decimal(0.0689, 'fr', 3)).toBe('0,069')
})
