// Nothing is lost silently: what a live audit counts is what was sent, and what it could not take is counted.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { noLab } from '../lab/lab.mjs'
import { Watcher } from './program.mjs'
import { openWire } from './wire.mjs'

const skip = noLab()
const EXAMPLE = fileURLToPath(new URL('../captures/example.pcapng', import.meta.url))

let wire
let root
before(async () => {
  if (skip) return
  wire = openWire('loss')
  root = await mkdtemp(join(tmpdir(), 'telltale-live-'))
})
after(async () => {
  wire?.remove()
  if (root) await rm(root, { recursive: true, force: true })
})

/** Waits until the audit's packets and those that the kernel dropped do not grow any more. */
async function settled(watcher) {
  for (let last = -1; ; await sleep(1_500)) {
    const { packets, dropped_by_kernel } = await watcher.status()
    if (packets + dropped_by_kernel === last) return
    last = packets + dropped_by_kernel
  }
}

test('every packet that passes is in the audit', { skip }, async () => {
  const watcher = new Watcher(wire.inside, wire.device, join(root, 'all'))
  await watcher.watching()
  const sent = await wire.send(EXAMPLE, { pps: 20_000, loops: 20 })
  assert.equal(sent.failed, 0)
  await settled(watcher)
  const seen = await watcher.stop()
  assert.equal(seen.dropped_by_kernel, 0)
  assert.equal(seen.packets, sent.packets)
  assert.ok(seen.companies > 10, `names and owners were on: ${seen.companies} companies`)
})

test('a reader that stands still loses packets, and every one of them is counted', { skip }, async () => {
  const watcher = new Watcher(wire.inside, wire.device, join(root, 'starved'))
  await watcher.watching()
  // The whole program sleeps: its pipe fills, then the ring of the capture program, then the kernel drops.
  watcher.signal('SIGSTOP')
  const sent = await wire.send(EXAMPLE, { pps: 200_000, loops: 250 })
  watcher.signal('SIGCONT')
  await settled(watcher)
  const seen = await watcher.stop()
  assert.ok(seen.dropped_by_kernel > 0, 'nothing was lost: the load was no overload')
  assert.equal(seen.packets + seen.dropped_by_kernel, sent.packets)
})
