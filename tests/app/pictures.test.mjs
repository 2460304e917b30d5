// Pictures of every page in the real window, light and dark, for people to look at (tests/app/out); and that each page draws.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import { audit } from './cli.mjs'
import { EXAMPLE, makeHome, openWindow } from './window.mjs'

let home
let window
before(async () => {
  home = await makeHome()
  window = await openWindow(home)
})
after(async () => {
  await window?.close()
  await home?.remove()
})

const PAGES = ['overview', 'companies', 'servers', 'flows', 'score', 'unseen'].map((page) => `#/audit/1/${page}`)

/** Scrolls by most of a window, and says whether there was anything left to scroll. */
const further = () =>
  window.session.run(() => {
    const main = document.querySelector('main')
    const before = main.scrollTop
    main.scrollTop += main.clientHeight - 80
    return main.scrollTop > before
  })

async function show(hash, theme) {
  await window.go(hash)
  await window.see('title')
  await window.until('the page', async () => !/Loading…|Chargement/.test(await window.main()))
  // Charts are drawn a moment after their page.
  await sleep(600)
  const name = hash.replace('#/', '').replaceAll('/', '-') || 'start'
  await window.picture(`${theme}-${name}`)
  for (let part = 2; await further(); part += 1) {
    await sleep(300)
    await window.picture(`${theme}-${name}-${part}`)
  }
  const wide = await window.session.run(() => document.documentElement.scrollWidth > innerWidth)
  assert.equal(wide, false, `${hash} is wider than the window`)
}

for (const [theme, choice] of [
  ['light', 'Light'],
  ['dark', 'Dark'],
]) {
  test(`every page is drawn, ${theme}`, async () => {
    await window.click('link', 'Settings')
    await window.click('choice', choice)
    if (theme === 'light') {
      await show('#/', 'light-empty')
      await window.click('button', 'See an example')
      await window.see('title', /talked to/)
      await window.gone('progress')
    }
    const { id } = audit(EXAMPLE).servers.find((server) => server.name === 'graph.facebook.com')
    for (const hash of ['#/', ...PAGES, `#/audit/1/server/${id}`, '#/settings', '#/help']) await show(hash, theme)
    assert.deepEqual(await window.wrong(), [])
  })
}
