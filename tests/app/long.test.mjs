// A file too long to be read at once: the window shows what is read so far, survives being killed, and can be stopped.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { long } from './captures.mjs'
import { makeHome, openWindow } from './window.mjs'

let home
let window
let path
before(async () => {
  home = await makeHome()
  path = join(home.root, 'long.pcapng')
  long(path, 60_000_000)
  await home.picks(path)
})
after(async () => {
  await window?.close()
  await home?.remove()
})

test('the first screen stands while the file is still being read', async () => {
  window = await openWindow(home, { args: [path] })
  await window.see('progress')
  await window.see('title', /So far.*talked to/s)
})

test('killed while reading, the audit is kept as interrupted, with what was read', async () => {
  // The table comes from the store: what it shows is kept.
  await window.click('link', 'Servers')
  await window.see('row', /\d/)
  await window.kill()
  window = await openWindow(home)
  await window.see('text', /^Interrupted/)
  await window.click('link', 'long')
  await window.see('text', 'Telltale was closed while reading')
  const answer = await window.say('title', /talked to/)
  assert.match(answer, /talked to [1-9]\d* servers/)
  await window.click('link', 'Servers')
  await window.fill('Search', 'google')
  await window.see('row', /google/i)
})

test('reading is stopped by a click, and what was read is kept', async () => {
  await window.click('link', 'Start')
  await window.click('button', 'Open a capture file')
  await window.click('button', 'Read it again')
  await window.see('progress')
  await window.click('button', 'Stop reading')
  await window.see('text', 'You stopped the reading')
  await window.gone('progress')
  await window.see('title', /talked to/)
  assert.deepEqual(await window.wrong(), [])
})
