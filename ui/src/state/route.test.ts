import { describe, expect, it, vi } from 'vitest'

vi.stubGlobal('location', { hash: '' })
vi.stubGlobal('addEventListener', () => {})
const { ask, place, to, toRows } = await import('./route.svelte')

describe('place', () => {
  it.each([
    ['', { name: 'start' }],
    ['#/', { name: 'start' }],
    ['#/nowhere', { name: 'start' }],
    ['#/audit/x/servers', { name: 'start' }],
    ['#/settings', { name: 'settings' }],
    ['#/audit/3', { name: 'audit', audit: 3, tab: 'overview', server: null }],
    ['#/audit/3/servers?company=A', { name: 'audit', audit: 3, tab: 'servers', server: null }],
    ['#/audit/3/server/17', { name: 'audit', audit: 3, tab: 'servers', server: 17 }],
    ['#/audit/3/server/x', { name: 'audit', audit: 3, tab: 'overview', server: null }],
  ])('of %s', (hash, expected) => expect(place(hash)).toEqual(expected))
})

describe('links', () => {
  it('carry what a table is asked, whatever signs it holds', () => {
    const link = to(3, 'servers', {
      company: 'A&B = "C"?#',
      purposes: ['social', 'crash'],
      unnamed: true,
      clear_text: false,
    })
    expect(ask(link)).toMatchObject({
      company: 'A&B = "C"?#',
      purposes: ['social', 'crash'],
      unnamed: true,
      clear_text: false,
      country: undefined,
    })
  })
  it('tell "no company" from "any company"', () => {
    expect(ask(to(1, 'servers', { company: '' })).company).toBe('')
    expect(ask(to(1, 'servers')).company).toBeUndefined()
  })
  it('lead from a reason to its rows', () => {
    expect(ask(toRows(1, { purposes: [], clear_text: true, unnamed: false }))).toMatchObject({ clear_text: true })
  })
})
