// Apps by name: those that the capture marks, and those of an iPhone's own report, from the empty page to one app's domains.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const on = (wish, hash, walk) => site.on({ fake: 'typical', ...wish }, hash, walk)

const row = (page, name) => page.getByRole('row', { name: new RegExp(name) })
const answer = (page) => page.getByRole('heading', { level: 1 })

test('apps that the capture marks lead to their servers and flows', () =>
  on({}, '/audit/1/apps', async (page) => {
    await answer(page).filter({ hasText: '5 apps are known by name' }).waitFor()
    assert.match(await row(page, 'YouTube').innerText(), /observed/)
    await page.getByRole('link', { name: 'YouTube' }).click()
    await answer(page).filter({ hasText: 'YouTube talked to 13 servers' }).waitFor()
    await page.getByRole('link', { name: 'Its flows' }).click()
    await page.getByRole('button', { name: 'Remove filter: App: YouTube' }).waitFor()
    const apps = await page.locator('[role=gridcell], [role=cell], td').allInnerTexts()
    assert.ok(!apps.includes('WhatsApp'), 'only flows of YouTube')
    await page.goBack()
    await page.getByRole('link', { name: 'All its servers' }).click()
    await page.getByText('13 rows').waitFor()
  }))

test('an iPhone’s report is added, read domain by domain, and taken out again', () =>
  on({ apps: 'none' }, '/audit/1/apps', async (page) => {
    await page.getByRole('heading', { name: /Which app was it/ }).waitFor()
    await page.getByText('App Privacy Report, and turn it on').waitFor()
    await page.getByRole('button', { name: 'Add an App Privacy Report' }).click()
    await page.getByText('The report is added: it names 5 apps.').waitFor()
    assert.match(await row(page, 'Instagram').innerText(), /inferred/)
    await page.getByText('How sure is this?').click()
    await page.getByText('inferred, not observed').waitFor()

    await page.getByRole('link', { name: 'Instagram' }).click()
    await answer(page).filter({ hasText: 'The phone’s report names Instagram for 15 servers' }).waitFor()
    await page.getByText('whose data that was cannot be told').waitFor()
    assert.match(await page.getByRole('listitem').filter({ hasText: 'Microphone' }).innerText(), /4 times/)
    const domains = page.getByRole('region', { name: 'Domains that the phone’s report names' })
    await domains.getByText('2 servers below this name, which the report does not name').waitFor()
    await domains.getByRole('link', { name: 'seen' }).first().click()
    await page.getByRole('heading', { name: 'Apps that contacted it' }).waitFor()
    await page.getByRole('link', { name: 'Instagram' }).click()
    await page.getByRole('link', { name: 'All apps' }).click()

    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('heading', { name: /Which app was it/ }).waitFor()
  }))

test('another file says what is wrong, and what to choose', () =>
  on({ apps: 'none', import: 'wrong' }, '/audit/1/apps', async (page) => {
    await page.getByRole('button', { name: 'Add an App Privacy Report' }).click()
    const alert = page.getByRole('alert')
    await alert.waitFor()
    assert.match(await alert.innerText(), /not an App Privacy Report .* Its name ends in \.ndjson/)
  }))

test('what the reader should know of a report is said', () =>
  on({ apps: 'iphone', lines: 'bad', fake: 'several' }, '/audit/1/apps', async (page) => {
    await page.getByText('3 lines of it could not be read.').waitFor()
    await page.getByText('12 lines are of a kind that Telltale does not know yet.').waitFor()
    await page.getByText('what it names may be another’s').waitFor()
  }))

test('flows name the only app that the report has for them, as inferred', () =>
  on({ apps: 'iphone' }, '/audit/1/flows', async (page) => {
    await page.getByRole('columnheader', { name: 'App', exact: true }).waitFor()
    await page.getByText('inferred').first().waitFor()
  }))
