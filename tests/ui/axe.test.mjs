// Every page in both themes, both languages and the smallest window: no accessibility fault, no error, nothing cut off.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { check } from './faults.mjs'
import { LOOKS, SMALL, startSite } from './site.mjs'

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

for (const [{ lang, theme }, size] of LOOKS) {
  test(`every page in ${lang}, ${theme}, ${size.width}x${size.height}`, async (t) => {
    const { page, wrong } = await site.open({ fake: 'typical', lang, theme }, '/', size)
    assert.equal(await page.locator('html').getAttribute('data-theme'), theme)
    assert.equal(await page.locator('html').getAttribute('lang'), lang)
    for (const hash of PAGES) {
      await t.test(hash, async () => {
        await site.go(page, hash)
        await check(page, wrong)
      })
    }
    await site.leave(page)
  })
}

for (const [fake, hash] of STATES) {
  test(`${hash} while ${fake}`, async () => {
    const wish = { fake, lang: 'fr', theme: 'light', hold: '60000' }
    const { page, wrong } = await site.open(wish, hash, SMALL)
    await check(page, wrong)
    await site.leave(page)
  })
}

for (const [apps, hash] of [
  ['none', '/audit/1/apps'],
  ['iphone', '/audit/1/apps'],
  ['iphone', '/audit/1/apps?app=ios:com.burbn.instagram'],
  ['iphone', '/audit/1/server/9'],
]) {
  test(`${hash} with apps=${apps}`, async () => {
    for (const [look, size] of LOOKS) {
      const { page, wrong } = await site.open({ fake: 'typical', apps, ...look }, hash, size)
      await check(page, wrong)
      await site.leave(page)
    }
  })
}

test('a fault is seen', async () => {
  const { page, wrong } = await site.open({ fake: 'typical' })
  await check(page, wrong)
  await page.evaluate(() => document.querySelector('main').append(document.createElement('button')))
  await assert.rejects(check(page, wrong), /button-name/)
  await page.evaluate(() => document.querySelector('main > button:last-child').append('x'.repeat(400)))
  await assert.rejects(check(page, wrong), /wider than the window/)
  await site.leave(page)
})
