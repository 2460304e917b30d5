// A day of phones in a minute: a made-up stream takes the place of the capture program, the rest of the way is the real one.

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Watcher, built } from './program.mjs'

/**
 * Plays `packets` with `joins` phones that come and go through a live audit, whose data go below `folder`. Gives what it counted at
 * each tenth and at the end, and how long it took.
 */
export async function soak(folder, { packets, joins, patience = 900_000 }) {
  const capd = join(folder, 'telltale-capd')
  writeFileSync(capd, `#!/bin/sh\nexec '${built('soak-stream')}' ${packets} ${joins}\n`)
  chmodSync(capd, 0o755)
  const began = Date.now()
  const watcher = new Watcher((command) => command, 'lo', join(folder, 'data'), { env: { TELLTALE_CAPD: capd } })
  watcher.say(`steps ${packets / 10}`)
  let seen = 0
  for (const end = began + patience; seen < packets;) {
    if (Date.now() > end) throw new Error(`${seen} of ${packets} packets after ${patience / 1000} s`)
    await new Promise((done) => setTimeout(done, 250))
    seen = (await watcher.status()).packets
  }
  const seconds = (Date.now() - began) / 1000
  const steps = watcher.heard('step').map((told) => told.step)
  return { steps, seconds, last: await watcher.stop(300_000) }
}
