// Joining a real server's mesh in the real window, a small one: what keeps one out is told in words, the authority comes from its file or
// is pasted, the other agent is seen, and whoever leaves is gone.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { noMesh, openMesh } from '../mesh/mesh.mjs'
import { makeHome, openWindow } from './window.mjs'

const skip = noMesh()
const WHERE = /^Where the server is/
const PEM = 'Certificate of the authority (PEM)'

let mesh
let home
let window
let other
before(async () => {
  if (skip) return
  mesh = await openMesh('window', { here: true })
  home = await makeHome()
  other = mesh.member(home.root, 'a1', { role: 'correlator', duties: ['store'] })
  await other.online()
  window = await openWindow(home, { env: { TELLTALE_NO_KEYRING: '1' } })
  await window.session.resize(760, 560)
})
after(async () => {
  await other?.kill()
  await window?.close()
  await mesh?.close()
  await home?.remove()
})

/** How the other agent sees this computer. */
const seenAs = (what, fits) =>
  other.askUntil(what, 'agents', (agents) => agents.some((one) => one.jid === `a2@${mesh.domain}` && fits(one)))

test('a server that nobody vouches for is refused, and why is said', { skip }, async () => {
  await window.click('link', 'Probes and mesh')
  await window.click('link', 'Mesh')
  await window.see('title', 'This computer works alone.')
  await window.click('link', 'Join a mesh')
  await window.fill('Account', `a2@${mesh.domain}`)
  await window.fill('Password', 'not-this-one')
  await window.click('button', WHERE)
  await window.fill('Machine and port', `${mesh.address}:${mesh.starttls}`)
  await window.fill('What others shall call this computer', 'The window')
  await window.click('button', 'Join')
  await window.see('title', 'You are not in the mesh: something needs you.')
  await window.see('text', /Nobody you trust vouches for this server/)
})

test('its authority is read from a file; then the wrong password is told', { skip }, async () => {
  await window.click('link', 'Change the account')
  await window.click('choice', 'An authority of mine')
  await home.picks(join(dirname(mesh.authority), 'server.key'))
  await window.click('button', 'Choose a file…')
  await window.see('text', /this is a private key; keep it to yourself/)
  await home.picks(mesh.authority)
  await window.click('button', 'Choose a file…')
  const field = await window.see('field', PEM)
  const value = () => window.session.run((e) => e.value, field)
  await window.until('the certificate', async () => (await value()) !== '')
  assert.equal(await value(), readFileSync(mesh.authority, 'utf8'))
  // The password that is kept is the wrong one still.
  await window.click('button', 'Join')
  await window.see('title', 'You are not in the mesh: something needs you.')
  await window.see('text', /The server does not accept name and password/)
  await window.picture('refused')
})

test('pasted without its line breaks, the authority is the same; the mesh is joined', { skip }, async () => {
  await window.click('link', 'Change the account')
  await window.fill(PEM, readFileSync(mesh.authority, 'utf8').replaceAll('\n', ''))
  await window.fill('Password', 'pw-a2')
  await window.click('button', 'Join')
  await window.see('title', 'You are in the mesh, and 1 other agent is there.')
  await window.see('link', 'a1')
  await seenAs('this computer', (one) => one.show !== 'offline' && one.role === 'probe' && one.trusted)
  await window.picture('joined')
})

test('it is in the mesh again after a restart', { skip }, async () => {
  await window.close()
  window = await openWindow(home, { env: { TELLTALE_NO_KEYRING: '1' } })
  await window.click('link', 'Probes and mesh')
  await window.click('link', 'Mesh')
  await window.see('title', 'You are in the mesh, and 1 other agent is there.')
  await window.click('link', 'a1')
  await window.see('text', 'Correlator')
})

test('whoever leaves is gone for the others', { skip }, async () => {
  await window.go('#/mesh/agents')
  await window.click('button', 'Leave the mesh')
  await window.see('title', 'You are not in the mesh now.')
  await seenAs('that it left', (one) => one.show === 'offline')
  assert.deepEqual(await window.wrong(), [])
})
