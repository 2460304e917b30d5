// Every page in both themes, both languages and the smallest window: no accessibility fault, no error, nothing cut off.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { check } from './faults.mjs'
import { startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const PAGES = [
  '/',
  '/watch',
  '/audit/1/overview',
  '/audit/1/companies',
  '/audit/1/servers',
  '/audit/1/server/10',
  '/audit/1/apps',
  '/audit/1/apps?app=uid:10000',
  '/audit/1/score',
  '/audit/1/flows',
  '/audit/1/unseen',
  '/settings',
  '/help',
]
const LOOKS = [
  { lang: 'en', theme: 'light', width: 1280, height: 900 },
  { lang: 'fr', theme: 'dark', width: 900, height: 600 },
]
const STATES = [
  ['first', '/'],
  ['reading', '/audit/1/overview'],
  ['damaged', '/audit/1/overview'],
  ['empty', '/audit/1/overview'],
  ['nobody', '/audit/1/overview'],
  ['failing', '/audit/1/servers'],
  ['hostile', '/audit/1/servers'],
  ['typical', '/audit/99/overview'],
]

for (const { lang, theme, width, height } of LOOKS) {
  test(`every page in ${lang}, ${theme}, ${width}x${height}`, async (t) => {
    const { page, wrong } = await site.open({ fake: 'typical', lang, theme }, '/', { width, height })
    assert.equal(await page.locator('html').getAttribute('data-theme'), theme)
    assert.equal(await page.locator('html').getAttribute('lang'), lang)
    for (const hash of PAGES) {
      await t.test(hash, async () => {
        await site.go(page, hash)
        await check(page, wrong)
      })
    }
    await page.context().close()
  })
}

for (const [fake, hash] of STATES) {
  test(`${hash} while ${fake}`, async () => {
    const wish = { fake, lang: 'fr', theme: 'light', hold: '60000' }
    const { page, wrong } = await site.open(wish, hash, { width: 900, height: 600 })
    await check(page, wrong)
    await page.context().close()
  })
}

for (const [apps, hash] of [
  ['none', '/audit/1/apps'],
  ['iphone', '/audit/1/apps'],
  ['iphone', '/audit/1/apps?app=ios:com.burbn.instagram'],
  ['iphone', '/audit/1/server/9'],
]) {
  test(`${hash} with apps=${apps}`, async () => {
    for (const { lang, theme, width, height } of LOOKS) {
      const { page, wrong } = await site.open({ fake: 'typical', apps, lang, theme }, hash, { width, height })
      await check(page, wrong)
      await page.context().close()
    }
  })
}

test('at 200 % zoom nothing is lost', async () => {
  const { page, wrong } = await site.open({ fake: 'typical' }, '/', { width: 640, height: 450 })
  for (const hash of ['/', '/watch', '/audit/1/overview', '/audit/1/server/10', '/audit/1/score']) {
    await site.go(page, hash)
    await check(page, wrong)
  }
  await page.context().close()
})
