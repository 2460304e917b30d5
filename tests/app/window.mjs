// Telltale's real window, as a person has it: found by role and name, clicked, typed into. Tests begin here.

import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Session, startDriver } from './driver.mjs'

/** Repository file, by its path from the root. */
export const repo = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
export const EXAMPLE = repo('tests/captures/example.pcapng')
export const OUT = repo('tests/app/out')
const PATIENCE_MS = 10_000

/** A folder for one test file: the app's data, what it saves, and which file the open dialog answers with. */
export async function makeHome() {
  const root = await mkdtemp(join(tmpdir(), 'telltale-app-'))
  const home = { root, data: join(root, 'data'), saved: join(root, 'saved'), pick: join(root, 'pick') }
  await mkdir(home.saved)
  await mkdir(OUT, { recursive: true })
  return {
    ...home,
    picks: (path) => writeFile(home.pick, path),
    remove: () => rm(root, { recursive: true, force: true }),
  }
}

/** Starts the app on `home`; `env` adds to its environment, `app` is another copy of it, `place` where it runs (see `startDriver`). */
export async function openWindow(home, { args = [], env = {}, app = process.env.TELLTALE_APP, place } = {}) {
  const all = {
    ...process.env,
    TAURI_WEBVIEW_AUTOMATION: 'true',
    WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    TELLTALE_DATA_DIR: home.data,
    TELLTALE_TEST_SAVE_DIR: home.saved,
    TELLTALE_TEST_PICK_FILE: home.pick,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    ...env,
  }
  // A file, not this process's own output: the test runner waits until nobody holds that any more.
  const log = openSync(join(OUT, 'app.log'), 'a')
  const driver = await startDriver(all, log, place)
  closeSync(log)
  let session
  try {
    session = await Session.open(driver.base, app, args)
  } catch (error) {
    driver.server.kill('SIGKILL')
    throw error
  }
  const window = new Window(driver, session)
  await session.run(listen)
  await window.see('button', /./)
  return window
}

/** In the page: keeps what goes wrong, policy violations above all. */
function listen() {
  globalThis.wrong = []
  const note = (text) => globalThis.wrong.push(text)
  addEventListener('securitypolicyviolation', (e) => note(`policy: ${e.violatedDirective} ${e.blockedURI}`))
  addEventListener('error', (e) => note(`error: ${e.message}`))
  addEventListener('unhandledrejection', (e) => note(`rejected: ${e.reason}`))
  const before = console.error
  console.error = (...all) => (note(`console: ${all.join(' ')}`), before(...all))
}

/** In the page: the visible elements of a role whose accessible name is, contains or matches `name`. */
function seek(role, name) {
  const kinds = {
    button: 'button, summary',
    link: 'a[href]',
    heading: 'h1, h2, h3',
    title: 'main h1',
    dialog: 'dialog[open]',
    field: 'input:not([type=radio]), textarea',
    choice: 'label:has(input[type=radio])',
    alert: '[role=alert]',
    progress: '[role=progressbar]',
    row: '[role=grid] .body [role=row]',
    count: 'main [role=status]',
    message: '[role=status] p',
    text: 'main p, main dd, main li, main td, [role=gridcell], main figcaption',
  }
  const label = (e) => e.getAttribute('aria-label') ?? (e.labels?.[0] ?? e).innerText ?? ''
  const fits = (text) =>
    name === null || (typeof name === 'string' ? text.trim() === name : new RegExp(name.source, name.flags).test(text))
  return [...document.querySelectorAll(kinds[role])].filter((e) => e.getClientRects().length > 0 && fits(label(e)))
}

/** An element that is gone by the time it is used: nothing, for now. */
function passing(error) {
  if (!/stale element/.test(error.message)) throw error
  return []
}

const plain = (name) => (name instanceof RegExp ? { source: name.source, flags: name.flags } : (name ?? null))

class Window {
  constructor(driver, session) {
    this.driver = driver
    this.session = session
    /** Clicks so far, as a person counts them. */
    this.clicks = 0
    /** Something never came: what follows would only wait in vain. */
    this.lost = false
  }

  /** The process of the app. */
  get pid() {
    const server = this.driver.server.pid
    const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').trim().split(' ')
    return Number(children.at(-1))
  }

  /** The elements of a role; none when the page was drawn anew just then, for all who ask ask again. */
  all = (role, name) => this.session.run(seek, role, plain(name)).catch(passing)

  /** Waits until `work` gives something, and gives it. */
  async until(what, work, patience = PATIENCE_MS) {
    if (this.lost) throw new Error('an earlier test left this window where nobody expects it')
    const end = Date.now() + patience
    for (;;) {
      const got = await work()
      if (got) return got
      if (Date.now() > end) {
        this.lost = true
        const shown = await this.session.run(() => document.body.innerText)
        await this.picture('failed')
        throw new Error(`never came: ${what}. The window shows:\n${shown}`)
      }
      await sleep(40)
    }
  }

  /** Waits for an element and gives it. */
  see = (role, name) => this.until(`${role} ${name}`, async () => (await this.all(role, name))[0])
  gone = (role, name) => this.until(`no ${role} ${name}`, async () => (await this.all(role, name)).length === 0)
  say = (role, name) => this.#on(role, name, (element) => this.session.text(element))

  async click(role, name) {
    await this.#on(role, name, async (element) => {
      // A person brings it into view first; the driver would leave it below a bar that stays.
      await this.session.run((e) => e.scrollIntoView({ block: 'center' }), element)
      await this.session.click(element)
      return true
    })
    this.clicks += 1
  }

  /** Does something with an element; one that was drawn anew in between is looked for again. */
  #on(role, name, work) {
    return this.until(`${role} ${name}`, async () => {
      const [element] = await this.all(role, name)
      return (
        element &&
        work(element)
          .catch(passing)
          .then((done) => (Array.isArray(done) ? null : done))
      )
    })
  }

  async fill(name, text) {
    const field = await this.see('field', name)
    await this.session.clear(field)
    if (text) await this.session.type(field, text)
  }

  /** The whole text of the page. */
  main = () => this.session.run(() => document.querySelector('main').innerText)
  go = (hash) => this.session.run((to) => void (location.hash = to), hash)
  wrong = () => this.session.run(() => globalThis.wrong)

  /** Keeps a picture of the page. WebKit gives none of a page that stands still, so something unseen moves meanwhile. */
  async picture(name) {
    await this.session.run(() => {
      const dot = document.body.appendChild(document.createElement('i'))
      dot.style.cssText = 'position:fixed;width:1px;height:1px;right:0;bottom:0;background:currentcolor;opacity:0.01'
      const end = Date.now() + 3_000
      const move = () => {
        dot.style.opacity = dot.style.opacity === '0.01' ? '0.02' : '0.01'
        if (Date.now() < end) requestAnimationFrame(move)
        else dot.remove()
      }
      move()
    })
    await writeFile(join(OUT, `${name}.png`), await this.session.screenshot())
  }

  /** Ends the window by its driver, which takes the program down without a farewell, and waits until all of it is gone. */
  async close() {
    const { pid } = this
    await this.session.close().catch(() => {})
    await ended(pid)
    await this.#end()
  }

  /** The power goes. */
  async kill() {
    const { pid } = this
    process.kill(pid, 'SIGKILL')
    await ended(pid)
    await this.#end()
  }

  async #end() {
    this.driver.server.kill('SIGTERM')
    await Promise.race([this.driver.ended, sleep(2_000)])
    this.driver.server.kill('SIGKILL')
  }
}

async function ended(pid) {
  for (let waits = 0; waits < 250; waits += 1) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return
    } catch {
      return
    }
    await sleep(20)
  }
  process.kill(pid, 'SIGKILL')
}
