// Probes and the mesh in the real window: a question is tried, kept and answered again; this computer joins a real server, and leaves.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { noMesh, openMesh } from '../mesh/mesh.mjs'
import { makeHome, openWindow } from './window.mjs'

const skip = noMesh()
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
  await window.click('link', /Is my website up/)
  await window.fill(/^Address/, `http://127.0.0.1:${site.address().port}/`)
  await window.click('button', 'Try it now')
  await window.see('text', /200/)
  assert.equal(asked, 1)
})

test('it is kept, carried out at once, and tells when the answer is another one', async () => {
  await window.click('button', 'Save and start')
  await window.see('title', /website/)
  await window.until('the first run', async () => asked >= 2)
  await window.see('text', /200/)
  await window.click('button', /^Run now/)
  await window.see('text', /503/)
  await window.picture('probe')
})

test('it is there after a restart', async () => {
  await window.close()
  window = await openWindow(home, { env: { TELLTALE_NO_KEYRING: '1' } })
  await window.click('link', 'Probes and mesh')
  await window.see('link', /website/)
  assert.deepEqual(await window.wrong(), [])
})

test('this computer joins a mesh in three steps, and a wrong password is told at once', { skip }, async () => {
  const mesh = await openMesh('window', { here: true })
  try {
    await window.click('link', 'Mesh')
    await window.click('link', 'Join a mesh')
    await window.fill('Account', `a1@${mesh.domain}`)
    await window.fill('Password', 'not this one')
    await window.click('choice', 'An authority of mine')
    await window.fill(/^Certificate of the authority/, mesh.pem)
    await window.click('button', 'Where the server is, if its name does not say so')
    await window.fill('Machine and port', `${mesh.address}:${mesh.starttls}`)
    await window.click('button', 'Join')
    await window.see('text', /does not accept name and password|not accept/)
    await window.click('link', 'Change the account')
    await window.fill('Password', 'pw-a1')
    await window.click('button', 'Join')
    await window.see('title', /in the mesh/)
    await window.picture('mesh')
    await window.click('button', 'Leave the mesh')
    await window.see('title', /not in the mesh/)
    assert.deepEqual(await window.wrong(), [])
  } finally {
    await mesh.close()
  }
})
