// Every page in both themes, both languages and the smallest window: no accessibility fault, no error, nothing cut off.

import { AxeBuilder } from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const PAGES = [
  '/',
  '/audit/1/overview',
  '/audit/1/companies',
  '/audit/1/servers',
  '/audit/1/server/10',
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

async function check(page, wrong) {
  await page.waitForFunction(
    () => !document.querySelector('[role=img]') || document.querySelector('.drawing svg, .tile'),
  )
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  const faults = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
  assert.deepEqual(faults, [])
  assert.deepEqual(wrong, [])
  const wide = await page.evaluate(() => {
    const main = document.querySelector('main')
    return main.scrollWidth - main.clientWidth
  })
  assert.ok(wide <= 0, `the page is ${wide} px wider than the window`)
}

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

test('at 200 % zoom nothing is lost', async () => {
  const { page, wrong } = await site.open({ fake: 'typical' }, '/', { width: 640, height: 450 })
  for (const hash of ['/', '/audit/1/overview', '/audit/1/server/10', '/audit/1/score']) {
    await site.go(page, hash)
    await check(page, wrong)
  }
  await page.context().close()
})
