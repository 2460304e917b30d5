// A day of phones, small: memory and open files do not grow with what has passed. `npm run bench` plays the whole of it.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { noLab } from '../lab/lab.mjs'
import { soak } from './soak.mjs'

const skip = noLab()
const PACKETS = 400_000
const GROWTH_BYTES = 48_000_000

let root
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'telltale-soak-'))
})
after(() => rm(root, { recursive: true, force: true }))

test('a live audit lets go of what is over', { skip }, async (t) => {
  const { steps, seconds, last } = await soak(root, { packets: PACKETS, joins: 80 })
  assert.equal(last.packets, PACKETS)
  assert.ok(last.flows >= PACKETS / 10, `${last.flows} flows`)
  const half = steps.find((step) => step.packets >= PACKETS / 2)
  const end = steps.at(-1)
  const growth = end.memory_bytes - half.memory_bytes
  t.diagnostic(
    `${seconds.toFixed(1)} s; memory ${Math.round(end.memory_bytes / 1e6)} MB, ${Math.round(growth / 1e6)} MB of it in the second half`,
  )
  assert.ok(growth < GROWTH_BYTES, `memory grew by ${growth} octets in the second half`)
  assert.ok(end.open_files <= half.open_files + 2, `${half.open_files} open files, then ${end.open_files}`)
})
