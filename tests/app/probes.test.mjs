// Probes in the real window: a question is tried, kept, answered again, and there after a restart.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { makeHome, openWindow } from './window.mjs'

let home
let window
let site
let asked = 0
before(async () => {
  home = await makeHome()
  site = createServer((_, response) => {
    asked += 1
    response.writeHead(asked < 3 ? 200 : 503, { 'content-type': 'text/plain' }).end('here')
  }).listen(0, '127.0.0.1')
  await new Promise((done) => site.once('listening', done))
  window = await openWindow(home, { env: { TELLTALE_NO_KEYRING: '1' } })
})
after(async () => {
  await window?.close()
  site?.close()
  await home?.remove()
})

test('a question is tried before it is kept', async () => {
  await window.click('link', 'Probes and mesh')
  await window.see('title', /No probe/)
  await window.click('button', /Is my website up/)
  await window.fill(/^Address/, `http://127.0.0.1:${site.address().port}/`)
  await window.click('button', 'Try it now')
  await window.see('text', /status 200/)
  assert.equal(asked, 1)
})

test('it is kept, carried out at once, and tells when the answer is another one', async () => {
  await window.click('button', 'Save and start')
  await window.see('title', /website/)
  await window.until('the first run', async () => asked >= 2)
  await window.see('text', /status 200/)
  await window.click('button', /^Run now/)
  await window.see('text', /status 503/)
  await window.picture('probe')
})

test('it is there after a restart', async () => {
  await window.close()
  window = await openWindow(home, { env: { TELLTALE_NO_KEYRING: '1' } })
  await window.click('link', 'Probes and mesh')
  await window.see('link', /website/)
  assert.deepEqual(await window.wrong(), [])
})
