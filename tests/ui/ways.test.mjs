// The ways that people take: open, look, save, delete and undo, read on while a file is read, hostile names.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { still } from './faults.mjs'
import { startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const on = (...what) => site.on(...what)

test('from start to a saved report in five clicks, by keyboard alone', () =>
  on({ fake: 'first' }, '/', async (page) => {
    await page.getByRole('button', { name: 'Open a capture file' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('progressbar').waitFor()
    await page.getByRole('progressbar').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Save report' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('Saved to /home/you/Documents/pixel-evening.html').waitFor()
  }))

test('a file opened before asks, and the window shows either', () =>
  on({ fake: 'typical' }, '/', async (page) => {
    await page.getByRole('button', { name: 'Open a capture file' }).click()
    const dialog = page.getByRole('dialog', { name: 'You opened this file before' })
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Open a capture file' }).click()
    await dialog.getByRole('button', { name: 'Show that audit' }).click()
    await page.getByRole('heading', { level: 1, name: /62 servers/ }).waitFor()
  }))

test('an audit is deleted at once, and undone', () =>
  on({ fake: 'typical' }, '/', async (page) => {
    await page.getByRole('button', { name: 'More about Old tablet' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('link', { name: 'Old tablet' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('link', { name: 'Old tablet' }).waitFor()
  }))

test('an audit is renamed', () =>
  on({ fake: 'typical' }, '/', async (page) => {
    await page.getByRole('button', { name: 'More about Old tablet' }).click()
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Tablet in the kitchen')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('link', { name: 'Tablet in the kitchen' }).waitFor()
  }))

test('a dropped file that is no capture says what it is, and what to do', () =>
  on({ fake: 'typical' }, '/', async (page) => {
    await page.evaluate(() => {
      const files = new DataTransfer()
      files.items.add(new File(['x'], 'holiday.png'))
      dispatchEvent(new DragEvent('drop', { dataTransfer: files, cancelable: true }))
    })
    const alert = page.getByRole('alert')
    await alert.waitFor()
    assert.match(await alert.innerText(), /not a capture.*\n.*looks like a picture/s)
  }))

test('while a file is read, numbers grow and reading can be stopped', () =>
  on({ fake: 'reading', hold: '100' }, '/audit/1/overview', async (page) => {
    const heading = page.getByRole('heading', { level: 1 })
    const first = await heading.innerText()
    await page.waitForFunction((old) => document.querySelector('main h1')?.innerText !== old, first)
    await page.getByRole('button', { name: 'Stop reading' }).click()
    await page.getByText('You stopped the reading').waitFor()
  }))

test('a damaged file shows what was read and where it stopped', () =>
  on({ fake: 'damaged' }, '/audit/1/overview', async (page) => {
    await page.getByText('up to byte 10,481,920').waitFor()
    await page.getByRole('heading', { level: 1, name: /62 servers/ }).waitFor()
  }))

test('each chart has a table behind it, and is saved', () =>
  on({ fake: 'typical' }, '/audit/1/overview', async (page) => {
    await page.locator('.drawing svg').nth(2).waitFor()
    const charts = await page.getByRole('button', { name: 'Show as table' }).count()
    assert.equal(charts, 3)
    for (let i = 0; i < charts; i += 1) await page.getByRole('button', { name: 'Show as table' }).first().click()
    assert.equal(await page.locator('main table').count(), charts)
    for (const kind of ['PNG', 'SVG']) {
      await page.getByRole('button', { name: 'Save this chart' }).last().click()
      await page.getByRole('button', { name: `Save as ${kind}` }).click()
      await page.getByText(`registered.${kind.toLowerCase()}`).waitFor()
      const saved = Buffer.from(await page.evaluate(() => globalThis.saved.base64), 'base64')
      assert.match(saved.subarray(0, 8).toString('latin1'), kind === 'PNG' ? /^.PNG\r\n/ : /^<svg/)
      assert.ok(saved.length > 20_000)
    }
  }))

test('numbers lead to the rows that they count', () =>
  on({ fake: 'typical' }, '/audit/1/overview', async (page) => {
    await page.locator('h1 a', { hasText: '19' }).click()
    assert.match(await page.locator('[role=status]', { hasText: 'rows' }).innerText(), /^19 rows$/)
    await page.goBack()
    await page.getByRole('link', { name: 'Advertising' }).click()
    await page.getByText('Purpose: Advertising').waitFor()
    await page.getByText('7 rows').waitFor()
  }))

test('a reason of the score leads to its rows', () =>
  on({ fake: 'typical' }, '/audit/1/score', async (page) => {
    await page.getByRole('link', { name: 'Show the rows' }).first().click()
    await page.getByText('Group: Follows people').waitFor()
  }))

test("Pandore's numbers act at once, are refused when they make no sense, and reset", () =>
  on({ fake: 'typical' }, '/audit/1/score', async (page) => {
    await page.getByText('Pandore', { exact: true }).click()
    const heading = page.getByRole('heading', { level: 1, name: /Pandore/ })
    await heading.waitFor()
    const points = page.getByText(/of 100 points/)
    const before = await points.innerText()
    const field = page.getByLabel('Reference number of addresses')
    await field.fill('400')
    await page.waitForFunction((old) => !document.querySelector('main').innerText.includes(old), before)
    await field.fill('0')
    await page.getByText('must be above 0').waitFor()
    await page.getByRole('button', { name: 'Back to the defaults' }).click()
    await page.getByText(before).waitFor()
  }))

test('names that strangers chose are text and nothing else', () =>
  on({ fake: 'hostile' }, '/', async (page) => {
    for (const hash of [
      '/',
      '/audit/1/overview',
      '/audit/1/companies',
      '/audit/1/servers',
      '/audit/1/server/0',
      '/audit/1/flows',
    ]) {
      await site.go(page, hash)
      await still(page)
      assert.equal(await page.locator('main img, main script, main iframe').count(), 0)
      assert.doesNotMatch(await page.title(), /hacked|^1$/)
      assert.doesNotMatch(await page.locator('main').innerText(), /[\u202a-\u202e\u200b\u0000]/)
    }
  }))

test('glossary terms are read by keyboard, and Escape closes them', () =>
  on({ fake: 'typical' }, '/audit/1/flows', async (page) => {
    const term = page.getByRole('button', { name: 'Flow', exact: true })
    await term.focus()
    const tip = page.getByRole('tooltip', { name: '' }).filter({ hasText: 'One conversation' })
    await tip.waitFor({ state: 'visible' })
    await page.keyboard.press('Escape')
    await tip.waitFor({ state: 'hidden' })
  }))

test('language and look change at once', () =>
  on({ fake: 'typical' }, '/settings', async (page) => {
    await page.getByText('Français').click()
    await page.getByRole('heading', { level: 1, name: 'Réglages' }).waitFor()
    await page.getByText('Sombre').click()
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
  }))

test('"Who is this?" answers on the page', () =>
  on({ fake: 'typical' }, '/', async (page) => {
    await page.getByLabel('Names or addresses').fill('graph.facebook.com nonsense')
    await page.keyboard.press('Enter')
    await page.getByText('Facebook SDK').waitFor()
    await page.getByText('neither a name nor an address').waitFor()
  }))

test('the devices are corrected, and the file is read again', () =>
  on({ fake: 'typical' }, '/audit/1/overview', async (page) => {
    await page.getByRole('button', { name: 'No, correct this' }).click()
    const field = page.getByRole('textbox', { name: 'Addresses' })
    await field.fill('not-an-address')
    await page.getByRole('button', { name: 'Read again with these' }).click()
    await page.getByText('is no IP address').waitFor()
    await field.fill('10.0.0.7')
    await page.getByRole('button', { name: 'Read again with these' }).click()
    await page.getByRole('progressbar').waitFor()
  }))
