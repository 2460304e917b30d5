// `npm run app:test`: the real window on a screen of its own. Starts the screen, runs the tests beside it, and leaves nothing behind.
// TELLTALE_APP and TELLTALE_CLI name the binaries; else those of the last build are taken. Arguments name test files.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const target = resolve(here, '../..', process.env.CARGO_TARGET_DIR ?? 'target')
/** The whole run; each test has less. */
const LIMIT_MS = 420_000

/** The binary that is named in the environment, else the one of the last build. */
function binary(name, variable) {
  const places = process.env[variable]
    ? [resolve(process.env[variable])]
    : ['release', 'debug'].map((p) => join(target, p, name))
  const found = places.find((place) => existsSync(place))
  if (found) return found
  console.error(`telltale: ${name} is not built: looked for ${places.join(' and ')}`)
  process.exit(1)
}

/** A virtual screen; the number is the server's choice, told on descriptor 3. */
function startScreen() {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = new Promise((done, fail) => {
    screen.once('error', () => fail(new Error('Xvfb is not there; is the package xvfb installed?')))
    screen.once('exit', (code) => fail(new Error(`Xvfb ended with ${code}`)))
    screen.stdio[3].once('data', (text) => done(String(text).trim()))
  })
  return { screen, number }
}

const app = binary('telltale', 'TELLTALE_APP')
const cli = binary('telltale-cli', 'TELLTALE_CLI')
const { screen, number } = startScreen()
const display = `:${await number}`
const named = process.argv.slice(2)
const files =
  named.length > 0
    ? named
    : readdirSync(here)
        .filter((f) => f.endsWith('.test.mjs'))
        .map((f) => join(here, f))

// A process group of its own, so that whatever a failed test left behind can be ended.
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files], {
  env: { ...process.env, DISPLAY: display, TELLTALE_APP: app, TELLTALE_CLI: cli },
  stdio: 'inherit',
  detached: true,
})
function end() {
  try {
    process.kill(-tests.pid, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
  screen.kill()
}
const limit = setTimeout(() => (console.error('telltale: the window tests took too long'), end()), LIMIT_MS)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (end(), process.exit(1)))
tests.once('exit', (code) => {
  clearTimeout(limit)
  end()
  process.exitCode = code ?? 1
})
