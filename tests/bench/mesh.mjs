// The mesh part of `npm run bench`: results from one agent into another's store through Prosody, Telltale and SPADE doing the same work
// in the same run; then a crowd of agents with presence.
//
// Needs a release build (TELLTALE_BUILT). Prints figures and ends with 0 whatever they say.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { built, Program } from '../live/program.mjs'
import { openMesh } from '../mesh/mesh.mjs'

const RESULTS = Number(process.env.TELLTALE_BENCH_RESULTS ?? 10_000)
const ROUNDS = 3
const CROWD = 500
/** Telltale's CPU seconds against SPADE's, at most. */
const SHARE = 0.2

const root = mkdtempSync(join(tmpdir(), 'telltale-bench-mesh-'))
const number = (n) => Math.round(n).toLocaleString('en')
const script = (name) => fileURLToPath(new URL(name, import.meta.url))
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]

/** What both ends of SPADE cost. */
async function spade(mesh, round) {
  const jid = (name) => `${name}@${mesh.domain}`
  const port = String(mesh.starttls)
  const store = new Program([
    mesh.python,
    script('spade_store.py'),
    jid('a3'),
    'pw-a3',
    port,
    join(root, `spade-${round}.sqlite`),
    String(RESULTS),
  ])
  await store.until('that it is ready', () => store.out.includes('ready'), 60_000)
  const send = new Program([
    mesh.python,
    script('spade_send.py'),
    jid('a4'),
    'pw-a4',
    port,
    `${jid('a3')}/spade`,
    String(RESULTS),
  ])
  const last = async (program) => {
    await program.end(300_000)
    return JSON.parse(program.out.at(-1))
  }
  const [sent, stored] = await Promise.all([last(send), last(store)])
  if (stored.stored !== RESULTS) throw new Error(`SPADE stored ${stored.stored}`)
  return { wall: sent.wall_s, cpu: sent.cpu_s + stored.cpu_s }
}

/**
 * What both ends of Telltale cost. Both write every result and every message to the disk before they go on; what waits travels together.
 * The store's account may make no topics on this server, so that it publishes nothing, as SPADE's does not.
 */
async function telltale(mesh, round) {
  const store = mesh.member(join(root, `t${round}`), 'a5', { role: 'correlator', duties: ['store', 'correlate'] })
  await store.online()
  const send = mesh.member(join(root, `t${round}`), 'a2')
  await send.online()
  await send.knows('correlator')
  const before = [await store.ask('cost'), await send.ask('cost')]
  const began = Date.now()
  await send.ask(`give 0 ${RESULTS}`, 'gave', 300_000)
  for (let total = 0; total < RESULTS;) {
    await new Promise((done) => setTimeout(done, 200))
    total = (await store.ask('count')).total
  }
  await send.askUntil('that all are confirmed', 'mesh', (now) => now.outbox === 0, 60_000)
  const wall = (Date.now() - began) / 1000
  const after = [await store.ask('cost'), await send.ask('cost')]
  const have = await store.ask('have')
  if (have.total !== RESULTS || have.numbers !== RESULTS) throw new Error(`Telltale stored ${JSON.stringify(have)}`)
  await Promise.all([send.stop(), store.stop()])
  return { wall, cpu: after[0].cpu_s + after[1].cpu_s - before[0].cpu_s - before[1].cpu_s }
}

const mesh = await openMesh('bench', { here: true })
try {
  const runs = { SPADE: [], Telltale: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.SPADE.push(await spade(mesh, round))
    runs.Telltale.push(await telltale(mesh, round))
  }
  console.log(
    `\n${number(RESULTS)} results from one agent into another's store, through Prosody; median of ${ROUNDS} rounds`,
  )
  for (const [name, list] of Object.entries(runs)) {
    const wall = median(list.map((run) => run.wall))
    const cpu = median(list.map((run) => run.cpu))
    console.log(
      `${name.padEnd(12)} ${number(RESULTS / wall).padStart(8)} results/s  ${cpu.toFixed(2).padStart(7)} s of CPU, both ends`,
    )
  }
  const shares = runs.Telltale.map((run, i) => run.cpu / runs.SPADE[i].cpu)
  const share = median(shares)
  console.log(
    `Telltale against SPADE: ${share.toFixed(2)} of its CPU seconds (rounds ${shares.map((s) => s.toFixed(2)).join(', ')}), ` +
      `wanted at most ${SHARE}: ${share <= SHARE ? 'reached' : 'MISSED'}`,
  )
  const crowd = new Program([
    built('mesh-crowd'),
    String(CROWD),
    mesh.domain,
    `${mesh.address}:${mesh.starttls}`,
    mesh.authority,
  ])
  const { code } = await crowd.end(600_000)
  console.log([...crowd.out, ...(code === 0 ? [] : crowd.err)].join('\n'))
} finally {
  await mesh.close()
  rmSync(root, { recursive: true, force: true })
}
