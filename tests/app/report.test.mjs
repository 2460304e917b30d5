// From start to a saved report, by mouse and by keyboard alone; what is saved says what the terminal says.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { audit } from './cli.mjs'
import { EXAMPLE, makeHome, openWindow, repo } from './window.mjs'

let home
let window
before(async () => {
  home = await makeHome()
  await home.picks(EXAMPLE)
  window = await openWindow(home)
})
after(async () => {
  await window?.close()
  await home?.remove()
})

/** Presses Tab until what has the focus is called `name`. */
async function tabTo(name) {
  for (let stops = 0; stops < 60; stops += 1) {
    await window.session.press('Tab')
    const here = await window.session.run(() => {
      const e = document.activeElement
      return (e?.getAttribute('aria-label') ?? e?.innerText ?? '').trim()
    })
    if (here.startsWith(name)) return
  }
  assert.fail(`Tab never came to ${name}`)
}

/** The file that the window says it saved. */
async function saved(extension) {
  const message = await window.say('message', new RegExp(`Saved to .*\\.${extension}`))
  const path = message.replace('Saved to ', '').replaceAll(/[\u2066-\u2069]/g, '')
  return readFileSync(path, 'utf8')
}

test('by mouse: a file is opened and its page saved, in five clicks at most', async () => {
  await window.click('button', 'Open a capture file')
  await window.see('title', /talked to/)
  await window.gone('progress')
  await window.click('button', 'Save report')
  await window.click('button', /Page to read/)
  const page = await saved('html')
  // The system's dialogs take one click each: "Open" and "Save".
  assert.ok(window.clicks + 2 <= 5, `${window.clicks + 2} clicks`)
  const told = audit(EXAMPLE)
  assert.match(page, /^<!doctype html>/i)
  assert.match(page, /<html lang="en"/)
  assert.doesNotMatch(page, /<script|(src|href)="https?:/)
  for (const name of ['Google', 'graph.facebook.com', String(told.servers.length)]) assert.ok(page.includes(name))
})

/** Times to the millisecond: the store keeps a summary's as the window has them, to a quarter of a microsecond. */
const coarse = (value) =>
  JSON.parse(JSON.stringify(value), (_, v) => (typeof v === 'string' ? v.replace(/(\.\d{3})\d+Z$/, '$1Z') : v))

test('the saved JSON is what the terminal writes of the same file', async () => {
  await window.click('button', 'Save report')
  await window.click('button', /Everything/)
  const mine = JSON.parse(await saved('json'))
  const told = audit(EXAMPLE)
  assert.equal(mine.schema, 'telltale.audit/1')
  const schema = JSON.parse(
    readFileSync(repo('src-tauri/crates/telltale-report/schema/telltale.audit-1.schema.json'), 'utf8'),
  )
  for (const key of schema.required) assert.ok(key in mine, `${key} is missing`)
  // When it was made and what it is called is each its own; Pandore's grade follows the window's settings, its facts do not.
  for (const own of ['made_at', 'title']) (delete mine[own], delete told[own])
  for (const one of [mine, told]) delete one.pandore.score
  for (const key of Object.keys(told)) assert.deepEqual(coarse(mine[key]), coarse(told[key]), `${key} differs`)
})

test('the saved CSV has a row for each server', async () => {
  await window.click('button', 'Save report')
  await window.click('button', /Server list/)
  const rows = (await saved('csv')).trim().split(/\r?\n/)
  assert.equal(rows.length, 1 + audit(EXAMPLE).servers.length)
})

test('by keyboard alone: from start to a saved page', async () => {
  await window.close()
  await home.remove()
  home = await makeHome()
  await home.picks(EXAMPLE)
  window = await openWindow(home)
  await tabTo('Open a capture file')
  await window.session.press('Enter')
  await window.see('title', /talked to/)
  await window.gone('progress')
  await tabTo('Save report')
  await window.session.press('Enter')
  await window.see('button', /Page to read/)
  await tabTo('Page to read')
  await window.session.press('Enter')
  assert.match(await saved('html'), /graph\.facebook\.com/)
  assert.deepEqual(await window.wrong(), [])
})
