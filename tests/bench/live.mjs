// The live part of `npm run bench`: is anything lost at 200,000 packets a second, is what is lost counted, how soon is a packet a row,
// and does a day of phones cost more memory than an hour?
//
// live.mjs CAPTURE. Needs root and a release build (TELLTALE_BUILT). Prints figures and ends with 0 whatever they say.

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { noLab, openLab } from '../lab/lab.mjs'
import { Watcher } from '../live/program.mjs'
import { soak } from '../live/soak.mjs'
import { openWire } from '../live/wire.mjs'

const PPS = 200_000
const SECONDS = 15
const MARKS = 40
const SOON_MS = 500
const DAY = { packets: 10_000_000, joins: 2_000 }
const MEMORY_LIMIT = 400_000_000

const [capture] = process.argv.slice(2)
const root = mkdtempSync(join(tmpdir(), 'telltale-bench-'))
const number = (n) => Math.round(n).toLocaleString('en')
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`
const word = (reached) => (reached ? 'reached' : 'MISSED')
const row = (...cells) => console.log(cells.map((c, i) => (i === 0 ? c.padEnd(34) : c.padStart(15))).join(''))

/** Waits until what the audit has counted does not grow any more. */
async function settled(watcher) {
  for (let last = -1; ; await sleep(2_000)) {
    const { packets, dropped_by_kernel: dropped } = await watcher.status()
    if (packets + dropped === last) return
    last = packets + dropped
  }
}

const traffic = { pps: PPS, packets: PPS * SECONDS, loops: 100 }

/** One live audit with store and follower, while `during` happens. */
async function audited(wire, folder, during) {
  const watcher = new Watcher(wire.inside, wire.device, join(root, folder))
  await watcher.watching()
  const sent = await during(watcher)
  await settled(watcher)
  return { sent, seen: await watcher.stop() }
}

async function dumped(wire) {
  const [program, ...args] = wire.inside([
    'dumpcap',
    '-q',
    '-i',
    wire.device,
    '-B',
    '64',
    '-w',
    join(root, 'dumped.pcapng'),
  ])
  const dumpcap = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  dumpcap.stderr.on('data', (text) => (told += text))
  await sleep(2_000)
  const sent = await wire.send(capture, traffic)
  await sleep(2_000)
  dumpcap.kill('SIGINT')
  await new Promise((done) => dumpcap.once('close', done))
  rmSync(join(root, 'dumped.pcapng'))
  const [, packets, dropped] = told.match(/received\/dropped on interface .*: (\d+)\/(\d+)/).map(Number)
  return { sent, seen: { packets, dropped_by_kernel: dropped } }
}

function tell(name, { sent, seen }) {
  const missing = sent.packets - seen.packets - seen.dropped_by_kernel
  const memory = seen.memory_bytes ? megabytes(seen.memory_bytes) : ''
  row(name, number(sent.packets), number(seen.packets), number(seen.dropped_by_kernel), number(missing), memory)
  return missing
}

async function loss() {
  const wire = openWire('bench')
  try {
    console.log(`\n${number(PPS)} packets a second for ${SECONDS} s over a veth pair (tcpreplay), the bench's capture`)
    row('', 'sent', 'seen', 'kernel dropped', 'missing', 'memory')
    const all = await audited(wire, 'all', () => wire.send(capture, traffic))
    tell('telltale: names, store, follower', all)
    if (installed('dumpcap')) tell('dumpcap, to a file', await dumped(wire))
    else console.log('not installed, left out: dumpcap')
    console.log(`target: nothing missing: ${word(all.sent.packets === all.seen.packets)}`)

    const starved = await audited(wire, 'starved', async (watcher) => {
      const sending = wire.send(capture, traffic)
      let over = false
      sending.then(() => (over = true))
      // Half of the time it may not run at all: twice as much comes as it can take.
      while (!over) {
        watcher.signal('SIGSTOP')
        await sleep(1_500)
        watcher.signal('SIGCONT')
        await sleep(1_500)
      }
      return sending
    })
    const missing = tell('telltale, stopped half of the time', starved)
    console.log(`target: what is lost is counted exactly: ${word(missing === 0 && starved.seen.dropped_by_kernel > 0)}`)
  } finally {
    wire.remove()
  }
}

function installed(program) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** From a packet on the wire to its row at the engine's API; then the same while another phone's life goes on. */
async function delay() {
  const lab = await openLab('bench')
  try {
    await lab.tell('join')
    const watcher = new Watcher((command) => lab.inside(command), lab.device, join(root, 'delay'))
    await watcher.watching()
    await lab.tell('life')
    const took = []
    for (let i = 0; i < MARKS; i += 1) {
      const address = `198.51.100.${i + 1}`
      watcher.say(`await ${address}`)
      await watcher.until('that it waits', () => watcher.heard('awaiting').at(-1)?.awaiting === address)
      await sleep(Math.random() * 300)
      const { at_ns } = await lab.tell(`mark ${address} 4000`)
      await watcher.until(address, () => watcher.heard('found').at(-1)?.found === address)
      took.push((watcher.heard('found').at(-1).at_ns - at_ns) / 1e6)
    }
    await watcher.stop()
    took.sort((a, b) => a - b)
    const [middle, most] = [took[took.length >> 1], took.at(-1)].map((ms) => Math.round(ms))
    console.log(`\nfrom a packet on the wire to its row: ${middle} ms in the middle, ${most} ms at most, of ${MARKS}`)
    console.log(`target: at most ${SOON_MS} ms: ${word(most <= SOON_MS)}`)
  } finally {
    await lab.close()
  }
}

async function day() {
  const { steps, seconds, last } = await soak(root, DAY)
  console.log(
    `\na day of phones in ${Math.round(seconds)} s: ${number(last.packets)} packets, ${number(last.flows)} flows, ${number(DAY.joins)} joins`,
  )
  row('', 'packets', 'flows', 'servers', 'memory', 'open files')
  steps.forEach((s, i) =>
    row(
      `step ${i}`,
      number(s.packets),
      number(s.flows),
      number(s.servers),
      megabytes(s.memory_bytes),
      number(s.open_files),
    ),
  )
  const [first, ...later] = steps.slice(1).map((s) => s.memory_bytes)
  const most = Math.max(first, ...later)
  console.log(`target: memory under ${megabytes(MEMORY_LIMIT)}: ${megabytes(most)}, ${word(most < MEMORY_LIMIT)}`)
  console.log(`target: flat after the first tenth: ${megabytes(most - first)} more, ${word(most < first * 1.2)}`)
  console.log(`store: ${megabytes((last.store_bytes / last.packets) * 1e6)} for a million packets`)
}

const why = noLab()
if (why) console.log(`\nlive part left out: ${why}`)
else {
  try {
    await loss()
    await delay()
    await day()
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
