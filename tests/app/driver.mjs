// The WebDriver protocol (W3C), as much of it as the tests need. Knows nothing of Telltale.

import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

/** Keys that have no letter (W3C WebDriver, 17.4.2). */
export const KEYS = { Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C', ArrowDown: '\uE015', Backspace: '\uE003' }

/**
 * Starts the driver's server on a port of chance. Programs that it opens get `env`; what they print goes to `log`, a descriptor. `place`
 * runs it elsewhere: `inside` makes a command line of that place, `door` gives the port here that leads to a port there.
 */
export async function startDriver(env, log, place = { inside: (command) => command, door: (port) => port }) {
  for (let tries = 0; tries < 5; tries += 1) {
    const there = 20_000 + Math.floor(Math.random() * 20_000)
    const [program, ...args] = place.inside(['WebKitWebDriver', `--port=${there}`, '--host=127.0.0.1'])
    const server = spawn(program, args, { env, stdio: ['ignore', log, log] })
    const port = await place.door(there)
    const ended = new Promise((done) => server.once('exit', done).once('error', done))
    for (let waits = 0; waits < 200 && server.exitCode === null; waits += 1) {
      const ready = await fetch(`http://127.0.0.1:${port}/status`).then(
        (r) => r.ok,
        () => false,
      )
      if (ready) return { server, ended, base: `http://127.0.0.1:${port}` }
      await Promise.race([sleep(25), ended])
    }
    server.kill('SIGKILL')
  }
  throw new Error('WebKitWebDriver did not start; is the package webkit2gtk-driver installed?')
}

/** One window under the driver. */
export class Session {
  #base

  static async open(base, binary, args) {
    const options = { browserName: 'wry', 'webkitgtk:browserOptions': { binary, args } }
    const opened = await ask('POST', `${base}/session`, { capabilities: { alwaysMatch: options } })
    return new Session(`${base}/session/${opened.sessionId}`)
  }

  constructor(base) {
    this.#base = base
  }

  close = () => ask('DELETE', this.#base)
  title = () => ask('GET', `${this.#base}/title`)
  /** The page as a PNG. */
  screenshot = async () => Buffer.from(await ask('GET', `${this.#base}/screenshot`), 'base64')
  resize = (width, height) => ask('POST', `${this.#base}/window/rect`, { width, height })
  rect = () => ask('GET', `${this.#base}/window/rect`)

  /** Runs a function in the page; what it returns comes back, elements as handles. */
  run(work, ...args) {
    return ask('POST', `${this.#base}/execute/sync`, { script: `return (${work})(...arguments)`, args })
  }

  click = (element) => ask('POST', `${this.#base}/element/${element[ELEMENT]}/click`, {})
  text = (element) => ask('GET', `${this.#base}/element/${element[ELEMENT]}/text`)
  clear = (element) => ask('POST', `${this.#base}/element/${element[ELEMENT]}/clear`, {})
  type = (element, text) => ask('POST', `${this.#base}/element/${element[ELEMENT]}/value`, { text })

  /** Presses keys, one after another, on whatever has the focus. */
  async press(...keys) {
    for (const key of keys) {
      const value = KEYS[key] ?? key
      const actions = [
        {
          type: 'key',
          id: 'keys',
          actions: [
            { type: 'keyDown', value },
            { type: 'keyUp', value },
          ],
        },
      ]
      await ask('POST', `${this.#base}/actions`, { actions })
    }
  }
}

async function ask(method, url, body) {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(30_000) })
  const { value } = await answer.json()
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${value?.error}: ${value?.message}`)
  return value
}
