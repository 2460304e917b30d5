import { describe, expect, it } from 'vitest'
import { country, folded, plain } from './words'

describe('plain', () => {
  it('shows what would hide or turn text round', () => {
    expect(plain('moc.knab\u202egro')).toBe('moc.knab\u25afgro')
    expect(plain('a\u200bb\u0000c\ufeff')).toBe('a\u25afb\u25afc\u25af')
  })
  it('leaves scripts alone', () => expect(plain('مثال.إختبار')).toBe('مثال.إختبار'))
  it('cuts what no table can bear', () => expect(plain('x'.repeat(5_000))).toHaveLength(301))
  it('takes nothing for nothing', () => expect(plain(null)).toBe(''))
})

describe('country', () => {
  it('is named in the language', () => {
    expect(country('DE', 'en')).toBe('Germany')
    expect(country('de', 'fr')).toBe('Allemagne')
  })
  it('stays a code when it is none', () => {
    expect(country('??', 'en')).toBe('??')
    expect(country('', 'en')).toBe('')
    expect(country(null, 'en')).toBe('')
  })
})

it('finds accents without typing them', () => expect(folded('Météo-FRANCE')).toBe('meteo-france'))
