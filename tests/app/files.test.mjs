// Files as they come: named on the command line, damaged, no capture at all, seen before, full of hostile names.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { hostile } from './captures.mjs'
import { EXAMPLE, makeHome, openWindow, repo } from './window.mjs'

let home
let window
before(async () => {
  home = await makeHome()
})
after(async () => {
  await window?.close()
  await home?.remove()
})

async function open(path) {
  await window.click('link', 'Start')
  await home.picks(path)
  await window.click('button', 'Open a capture file')
}

test('a file named on the command line opens at once', async () => {
  window = await openWindow(home, { args: [EXAMPLE] })
  await window.see('title', /talked to 5\d servers/)
  await window.gone('progress')
})

test('a damaged file says where it stopped, and shows what came before', async () => {
  await open(repo('tests/captures/cut-in-packet.pcap'))
  await window.see('text', 'The file is damaged')
  await window.see('text', /Everything up to byte [\d,]+ was read/)
  await window.see('title', /talked to/)
})

test('a text file is refused in plain words', async () => {
  const path = join(home.root, 'notes.pcap')
  writeFileSync(path, 'Bread, milk, two lemons.\n'.repeat(20))
  await open(path)
  const alert = await window.say('alert')
  assert.match(alert, /not a capture/)
  assert.match(alert, /looks like text/)
  await window.see('title', 'See whom a phone talks to.')
})

test('a file that is not there is told', async () => {
  await open(join(home.root, 'gone.pcap'))
  await window.see('alert', /could not be read/)
})

test('the same file again asks, and shows either', async () => {
  await open(EXAMPLE)
  await window.see('dialog')
  assert.match(await window.say('dialog'), /You opened this file before/)
  await window.session.press('Escape')
  await window.gone('dialog')
  const cards = (await window.all('link', 'example')).length
  await window.click('button', 'Open a capture file')
  await window.click('button', 'Show that audit')
  await window.see('title', /talked to/)
  await open(EXAMPLE)
  await window.click('button', 'Read it again')
  await window.see('title', /talked to/)
  await window.gone('progress')
  await window.click('link', 'Start')
  await window.until('a second card', async () => (await window.all('link', 'example')).length === cards + 1)
})

test('names that strangers chose are text and nothing else', async () => {
  const host = '<img/src=x/onerror=document.title=1>.evil.example'
  const agent = `"><script>document.title=1</script>\u202Egpj.exe 'quoted'`
  const path = join(home.root, '<img src=x onerror=document.title=1>.pcap')
  hostile(path, { host, agent, name: '<b>bold</b>.evil.example' })
  await open(path)
  await window.see('title', /talked to [12] server/)
  const pages = ['overview', 'companies', 'servers', 'flows', 'score', 'unseen', 'server/0', 'server/1']
  const audit = await window.session.run(() => location.hash.match(/audit\/(\d+)/)[1])
  let shown = ''
  for (const page of pages) {
    await window.go(`#/audit/${audit}/${page}`)
    await window.see('title')
    await window.until('the page', async () => !/Loading…/.test(await window.main()))
    shown += await window.main()
    const alive = await window.session.run(
      () => document.querySelectorAll('main img, main script, main iframe, main b').length,
    )
    assert.equal(alive, 0, `${page} has elements of a stranger`)
    assert.notEqual(await window.session.title(), '1')
  }
  assert.ok(shown.includes('<img src=x onerror=document.title=1>'), 'the name of the file is not shown as it is')
  assert.ok(shown.includes('<script>document.title=1</script>'), 'the name of the app is not shown as it is')
  assert.doesNotMatch(shown, /[\u202A-\u202E]/, 'a mark that turns text around came through')
  assert.deepEqual(await window.wrong(), [])
})
