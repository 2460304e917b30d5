import { expect, it } from 'vitest'
import { parts, unnamedBytes } from './coverage'

const coverage = {
  bytes: 100,
  observed_name_bytes: 50,
  inferred_name_bytes: 20,
  address_only_bytes: 10,
  tunnel_bytes: 5,
  encrypted_dns_flows: 0,
  ech_hellos: 0,
  started_before: 0,
  clear_text_bytes: 0,
}

it('adds up to the whole, the rest is known by nothing', () => {
  const cut = parts(coverage)
  expect(cut.nothing).toBe(15)
  expect(Object.values(cut).reduce((a, b) => a + b)).toBe(100)
  expect(unnamedBytes(coverage)).toBe(30)
})

it('never claims less than nothing', () => expect(parts({ ...coverage, bytes: 60 }).nothing).toBe(0))
