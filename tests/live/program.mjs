// Programs that speak in lines, as the tests of live audits start and hear them.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const HOUSE = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const PATIENCE_MS = 20_000

/** A program of the last build; TELLTALE_BUILT names the folder. */
export function built(name) {
  const target = resolve(HOUSE, process.env.CARGO_TARGET_DIR ?? 'target')
  const places = process.env.TELLTALE_BUILT
    ? [resolve(process.env.TELLTALE_BUILT)]
    : ['release', 'debug'].map((p) => join(target, p))
  const found = places.map((place) => join(place, name)).find((path) => existsSync(path))
  if (!found) throw new Error(`${name} is not built: looked in ${places.join(' and ')}`)
  return found
}

/** A running program; what it prints is kept line by line. */
export class Program {
  out = []
  err = []
  #process

  constructor([command, ...args], { env = {}, stdio = ['pipe', 'pipe', 'pipe'] } = {}) {
    this.#process = spawn(command, args, { env: { ...process.env, ...env }, stdio })
    for (const [stream, lines] of [
      [this.#process.stdout, this.out],
      [this.#process.stderr, this.err],
    ]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line))
    }
    this.ended = new Promise((done) => {
      this.#process.once('error', (error) => done({ error }))
      this.#process.once('close', (code, signal) => done({ code, signal }))
    })
    this.ended.then(() => (this.isOver = true))
  }

  get pid() {
    return this.#process.pid
  }

  say(line) {
    this.#process.stdin.write(`${line}\n`)
  }

  signal(name) {
    this.#process.kill(name)
  }

  /** Closes the pipe that this program writes its results into. */
  stopReading() {
    this.#process.stdout.destroy()
  }

  /** Waits until `look` gives something. */
  async until(what, look, patience = PATIENCE_MS) {
    const end = Date.now() + patience
    for (;;) {
      const over = this.isOver
      const got = look(this)
      if (got) return got
      if (over || Date.now() > end) {
        const said = [...this.out.slice(-20), ...this.err.slice(-20)].join('\n')
        throw new Error(`never came: ${what}${over ? ' (the program ended)' : ''}. It said:\n${said}`)
      }
      await sleep(5)
    }
  }

  /** Waits for its end; kills it when it does not come. */
  async end(patience = PATIENCE_MS) {
    const late = setTimeout(() => this.#process.kill('SIGKILL'), patience)
    const how = await this.ended
    clearTimeout(late)
    return how
  }
}

/** A live audit of `device` by `live-watcher`; `inside` puts a command line into the namespace of that device. */
export class Watcher extends Program {
  constructor(inside, device, folder, { record = false, env = {} } = {}) {
    super(inside([built('live-watcher'), device, folder, ...(record ? ['--record'] : [])]), { env })
  }

  /** What it said, as far as it has the key. */
  heard = (key) => this.out.map((line) => JSON.parse(line)).filter((told) => told[key] !== undefined)

  /** Waits for the `count`-th line that has the key, and gives its value. */
  hear = (key, count = 1, patience = PATIENCE_MS) =>
    this.until(`"${key}"`, () => this.heard(key)[count - 1], patience).then((told) => told[key])

  watching = (patience) =>
    this.until('that it watches', () => this.heard('state').at(-1)?.state === 'watching', patience)

  async status() {
    const before = this.heard('status').length
    this.say('status')
    return this.hear('status', before + 1)
  }

  /** Ends the audit, and gives what it has counted. */
  async stop(patience = 60_000) {
    this.say('stop')
    const last = await this.hear('stopped', 1, patience)
    await this.end()
    return last
  }
}
