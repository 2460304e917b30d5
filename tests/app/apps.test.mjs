// Apps by name, in the real window: an iPhone's report is picked, joined with the audit, found at its servers, and saved.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { EXAMPLE, makeHome, openWindow, repo } from './window.mjs'

const REPORT = repo('src-tauri/crates/telltale-core/tests/app-privacy-report.ndjson')

let home
let window
before(async () => {
  home = await makeHome()
})
after(async () => {
  await window?.close()
  await home?.remove()
})

test('another file is refused, and says which one to choose', async () => {
  window = await openWindow(home, { args: [EXAMPLE] })
  await window.see('title', /talked to 5\d servers/)
  await window.click('link', 'Apps')
  await window.see('heading', /Which app was it/)
  await home.picks(EXAMPLE)
  await window.click('button', 'Add an App Privacy Report')
  assert.match(await window.say('alert'), /not an App Privacy Report .*\.ndjson/s)
})

test('a report names apps, as inferred', async () => {
  await home.picks(REPORT)
  await window.click('button', 'Add an App Privacy Report')
  await window.see('title', /3 apps are known by name/)
  await window.see('row', /org\.example\.weather\s+inferred\s+3/)
  await window.see('text', '1 line of it could not be read.')
})

test('one app leads to its domains, its accesses and its servers', async () => {
  await window.click('link', 'org.example.weather')
  await window.see('title', /names org\.example\.weather for 3 servers/)
  await window.see('text', /Location\s+3 times\s+2 times during this audit/)
  await window.see('text', /also contacted by org\.example\.puzzle/)
  await window.click('link', 'All its servers')
  await window.see('row', /launches\.appsflyersdk\.com/)
  assert.equal((await window.all('row')).length, 3)
  await window.click('link', 'launches.appsflyersdk.com')
  await window.see('heading', 'Apps that contacted it')
})

test('the saved report has them, and removing takes them out', async () => {
  await window.click('button', 'Save report')
  await window.click('button', /JSON/)
  const path = join(home.saved, 'example.json')
  const saved = await window.until('the saved report', () => {
    try {
      return JSON.parse(readFileSync(path, 'utf8'))
    } catch {
      return null
    }
  })
  assert.equal(saved.reported_apps.length, 3)
  await window.click('link', 'Apps')
  await window.click('button', 'Remove')
  await window.see('heading', /Which app was it/)
  assert.deepEqual(await window.wrong(), [])
})
