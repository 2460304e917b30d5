// Serves the window's pages, built over the fake backend, under the content policy that the app has, and drives them.

import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { check } from './faults.mjs'

const SITE = fileURLToPath(new URL('./out/site', import.meta.url))
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:"
const KINDS = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
}
/** How long something may take on a busy machine; it goes on as soon as it is there. */
const PATIENCE_MS = 30_000

/** The smallest window that the app has. */
export const SMALL = { width: 900, height: 600 }

/** Both languages, both themes, three sizes: the last one is the smallest window at 200 % zoom. */
export const LOOKS = [
  [{ lang: 'en', theme: 'light' }, { width: 1280, height: 900 }],
  [{ lang: 'fr', theme: 'dark' }, SMALL],
  [{ lang: 'fr', theme: 'light' }, { width: 640, height: 450 }],
] // prettier-ignore

function answer(request, response) {
  const path = new URL(request.url, 'http://site').pathname
  const file = join(SITE, path === '/' ? 'index.html' : path)
  if (!file.startsWith(SITE) || !existsSync(file)) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-type': KINDS[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': POLICY,
    // Files below `assets` are named by what is in them.
    'cache-control': path.startsWith('/assets/') ? 'max-age=3600, immutable' : 'no-store',
  })
  createReadStream(file).pipe(response)
}

/** A browser over the site. `open` gives a page and the list of everything that went wrong on it. */
export async function startSite() {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  const base = `http://127.0.0.1:${server.address().port}/`
  /** Windows that nobody looks at: a new one costs more than most tests do. */
  const idle = []
  let opened = 0

  async function another() {
    const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB' })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    return page
  }

  async function open(wish, hash = '/', size = { width: 1280, height: 900 }) {
    const page = idle.pop() ?? (await another())
    const wrong = []
    page.on('pageerror', (error) => wrong.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
    await page.setViewportSize(size)
    // The number makes it another page, so that nothing of the one before is left.
    opened += 1
    await page.goto(`${base}?${new URLSearchParams({ ...wish, opened })}#${hash}`)
    await page.locator('h1, h2').first().waitFor()
    return { page, wrong }
  }

  /** Gives a window back, for another test, without anything that it remembers. */
  async function leave(page) {
    page.removeAllListeners('pageerror')
    page.removeAllListeners('console')
    await page.evaluate(() => localStorage.clear())
    idle.push(page)
  }

  /** Opens a page, walks on it, and fails with every fault that the page then has. */
  async function on(wish, hash, walk, size) {
    const { page, wrong } = await open(wish, hash, size)
    await walk(page)
    await check(page, wrong)
    await leave(page)
  }

  /** Goes to another place of the same window. */
  async function go(page, hash) {
    await page.evaluate((to) => (location.hash = to), hash)
    await page.locator('main h1, main h2').first().waitFor()
  }

  /** What the fake was told to hold goes on. */
  const goOn = (page) => page.evaluate(() => dispatchEvent(new Event('go-on')))

  async function stop() {
    await browser.close()
    server.close()
  }
  return { open, leave, on, go, goOn, stop }
}

/** A test for each state, the usual one in every look: each of its pages is without a fault. */
export function everyPage(title, site, states) {
  for (const [wish, hashes] of states) {
    for (const [look, size] of Object.keys(wish).length === 0 ? LOOKS : [LOOKS[1]]) {
      test(`${title} in ${look.lang}, ${look.theme}, ${size.width}: ${JSON.stringify(wish)}`, async () => {
        const { page, wrong } = await site().open({ ...look, ...wish }, hashes[0], size)
        for (const hash of hashes) {
          await site().go(page, hash)
          await check(page, wrong)
        }
        await site().leave(page)
      })
    }
  }
}
