// Serves the window's pages, built over the fake backend, under the content policy that the app has, and drives them.

import { createReadStream, existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const SITE = fileURLToPath(new URL('./out/site', import.meta.url))
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:"
const KINDS = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
}

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

  async function open(wish, hash = '/', size = { width: 1280, height: 900 }) {
    const context = await browser.newContext({ viewport: size, reducedMotion: 'reduce', locale: 'en-GB' })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const page = await context.newPage()
    page.setDefaultTimeout(8_000)
    const wrong = []
    page.on('pageerror', (error) => wrong.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
    await page.goto(`${base}?${new URLSearchParams(wish)}#${hash}`)
    await page.locator('h1, h2').first().waitFor()
    return { page, wrong }
  }

  /** Goes to another place of the same window. */
  async function go(page, hash) {
    await page.evaluate((to) => (location.hash = to), hash)
    await page.locator('main h1, main h2').first().waitFor()
  }

  async function stop() {
    await browser.close()
    server.close()
  }
  return { open, go, stop }
}
