// The lab of `up`, for tests that are written for Node: started, told what to do, ended.

import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const UP = fileURLToPath(new URL('up', import.meta.url))
/** Programs that the lab starts, and the Debian packages that have them. */
const TOOLS = {
  ip: 'iproute2',
  nft: 'nftables',
  dnsmasq: 'dnsmasq-base',
  udhcpc: 'udhcpc',
  tcpreplay: 'tcpreplay',
  ethtool: 'ethtool',
  curl: 'curl',
  python3: 'python3',
}
const PATIENCE_MS = 120_000

/**
 * Why there can be no lab here, for `test(..., { skip })`; false where there can be one. A build machine must have all of it, so there
 * it is an error. `more` names other programs (or whole commands that must succeed) and the packages that have them.
 */
export function noLab(more = {}) {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`
  const lacks = Object.entries({ ...TOOLS, ...more }).filter(
    ([tool]) =>
      spawnSync('sh', ['-c', tool.includes(' ') ? tool : `command -v ${tool}`], { env: { ...process.env, PATH: path } })
        .status !== 0,
  )
  const why =
    process.getuid() === 0
      ? lacks.length > 0 && `not installed: ${lacks.map(([, name]) => name).join(', ')}`
      : 'only root may make network namespaces'
  if (why && process.env.CI === 'true') throw new Error(`no lab on a build machine: ${why}`)
  return why
}

/** Builds a lab; `name` tells those apart that stand at the same time. */
export async function openLab(name, device = 'tt-ap0') {
  const lab = new Lab(
    spawn(UP, [name, '--device', device], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    }),
  )
  Object.assign(lab, await lab.ready)
  return lab
}

/** Something that prints what `up` prints and takes its commands. */
export class Lab {
  /** What the phone did, as it says. */
  said = []
  #process
  #waiting = []

  constructor(process) {
    this.#process = process
    this.ended = new Promise((done) => process.once('exit', done).once('error', done))
    this.ended.then(() => this.#waiting.forEach(({ fail }) => fail(new Error('the lab ended'))))
    createInterface({ input: process.stdout }).on('line', (line) => this.#hear(JSON.parse(line)))
    this.ready = this.#answer('ready')
  }

  #hear(told) {
    if (told.said) return this.said.push(told.said)
    const { done, fail } = this.#waiting.shift()
    if (told.failed) fail(new Error(`${told.failed}: ${told.why}`))
    else done(told.ready ?? told)
  }

  #answer(what) {
    return new Promise((done, fail) => {
      const late = setTimeout(() => fail(new Error(`the lab did not answer to ${what}`)), PATIENCE_MS)
      late.unref()
      this.#waiting.push({ done, fail })
    })
  }

  /** Gives one of the commands of `up`; its answer comes back. */
  tell(command) {
    const answer = this.#answer(command)
    this.#process.stdin.write(`${command}\n`)
    return answer
  }

  /** A command line that runs where Telltale runs; `user` is a number, for a program that is not to be root. */
  inside(command, user) {
    const as = user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups']
    return ['ip', 'netns', 'exec', this.namespace, ...as, ...command]
  }

  /** Starts a program where Telltale runs. */
  spawn(command, options, user) {
    const [program, ...args] = this.inside(command, user)
    return spawn(program, args, options)
  }

  async close() {
    this.#process.stdin.end()
    await this.ended
  }
}
