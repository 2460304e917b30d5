// Probes, their results, incidents and rules: lists, single pages, forms with a try, in every look.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { everyPage, SMALL, startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const on = (...what) => site.on(...what)

const row = (page, name) => page.getByRole('listitem').filter({ hasText: name })

test('the place is in the rail, and answers first', () =>
  on({}, '/', async (page) => {
    await page.getByRole('link', { name: 'Probes and mesh' }).click()
    await page.getByRole('heading', { level: 1, name: '5 probes keep watch.' }).waitFor()
    await row(page, 'My bank’s certificate').getByText('every 6 hours').waitFor()
    await row(page, 'The tablet at night')
      .getByText('Monday, Tuesday, Wednesday, Thursday and Friday, at 03:00')
      .waitFor()
    await row(page, 'What is at home').getByText('has not allowed the program').waitFor()
  }))

test('a probe is run, paused, broken off, deleted and brought back', () =>
  on({ takes: 'held' }, '/mesh/probes', async (page) => {
    const router = row(page, 'Is my router there')
    await router.getByRole('button', { name: 'Run now' }).click()
    await router.getByText('Running', { exact: true }).waitFor()
    await site.goOn(page)
    await router.getByText('Waiting', { exact: true }).waitFor()
    const more = async (name) => {
      await router.getByRole('button', { name: 'More about' }).click()
      await router.getByRole('button', { name, exact: true }).click()
    }
    await more('Pause')
    await router.getByText('Paused', { exact: true }).waitFor()
    await more('Go on')
    await router.getByText('Waiting', { exact: true }).waitFor()
    await more('Break off')
    await router.getByText('Broken off', { exact: true }).first().waitFor()
    await page.getByRole('button', { name: 'Start it again' }).click()
    await router.getByText('Waiting', { exact: true }).waitFor()
    await more('Delete')
    await router.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await router.waitFor()
  }))

test('an ordinary question becomes a probe: it is tried, a click makes the expectation, it is saved', () =>
  on({ probes: 'none' }, '/mesh/probes', async (page) => {
    await page.getByRole('heading', { level: 1, name: 'No probe keeps watch yet.' }).waitFor()
    await page.getByRole('button', { name: /Is my website up/ }).click()
    await page.getByRole('button', { name: 'Save and start' }).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Save and start' }).isDisabled())
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Is my website up')
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('example.org')
    await page.getByText('An address begins with https://').waitFor()
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill('https://example.org/')
    await page.getByRole('button', { name: 'Try it now' }).click()
    await page.getByText('example.org answered as it should (status 200)').waitFor()
    await page.getByRole('button', { name: 'Expect this of /body/sha256' }).click()
    await page.getByText('As expected when: body › sha256 is "a7ffc6f8bf1ed766".').waitFor()
    await page.getByText('By the clock').click()
    await page.getByRole('textbox', { name: 'Times of the day' }).fill('25:00')
    await page.getByText('Times as 07:00').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Save and start' }).isDisabled())
    await page.getByRole('textbox', { name: 'Times of the day' }).fill('7:00, 19:30')
    await page.getByRole('button', { name: 'Save and start' }).click()
    await page.getByRole('heading', { level: 1, name: 'Is my website up' }).waitFor()
    await page.getByText('daily at 07:00 and 19:30').waitFor()
    await page.getByText('body › sha256 is "a7ffc6f8bf1ed766"').waitFor()
  }))

test('the router is proposed, and a probe is changed without losing what was typed for another kind', () =>
  on({}, '/mesh/probes/new?template=router', async (page) => {
    const host = page.getByRole('textbox', { name: 'Name or address' })
    await page.waitForFunction(() => [...document.querySelectorAll('input')].some((one) => one.value === '192.168.1.1'))
    await host.fill('fritz.box')
    await page.getByRole('combobox', { name: 'Kind of check' }).selectOption('dns')
    await page.getByRole('combobox', { name: 'Kind of check' }).selectOption('reachability')
    assert.equal(await host.inputValue(), 'fritz.box')
    await page.getByRole('combobox', { name: 'By', exact: true }).selectOption('tcp')
    await page.getByRole('textbox', { name: 'Port' }).fill('70000')
    await page.getByText('A whole number from 1 to 65,535.').waitFor()
  }))

test('a probe that cannot be read is not offered to be changed', () =>
  on({ probes: 'failing' }, '/mesh/probes/any/edit', async (page) => {
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0)
  }))

test('a try that fails says why', () =>
  on({ try: 'failing', theme: 'dark' }, '/mesh/probes/new?template=router', async (page) => {
    await page.getByRole('textbox', { name: 'Name or address' }).fill('10.0.0.1')
    await page.getByRole('button', { name: 'Try it now' }).click()
    await page.getByText('the machine cannot be reached').first().waitFor()
    await page.getByText('Could not look').waitFor()
  }))

test('a program runs only where its owner allowed it', () =>
  on({}, '/mesh/probes/new?template=home', async (page) => {
    await page.getByRole('textbox', { name: 'Target' }).fill('192.168.1.0/24')
    await page.getByRole('button', { name: 'Save and start' }).click()
    await page.getByRole('alert').getByText('has not allowed the program nmap').waitFor()
    await page.getByRole('link', { name: 'What this computer allows' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('nmap')
    await page.getByRole('textbox', { name: 'Absolute path' }).fill('/usr/bin/nmap')
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByRole('button', { name: 'No longer allow nmap' }).click()
    await page.getByText('None.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'No longer allow nmap' }).waitFor()
  }))

test('one probe tells its state, its policies and its history, and a result in full', () =>
  on({ probes: 'asleep' }, '/mesh/probes', async (page) => {
    await page.getByRole('link', { name: 'Is my router there' }).click()
    await page.getByText('is counted and left out').first().waitFor()
    await page.getByText('1 request waits').waitFor()
    await page.getByText('ontology = telltale.control/1').waitFor()
    await page
      .getByRole('button', { name: /answered 3 of 3/ })
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('reachable').waitFor()
    await dialog.getByRole('button', { name: 'Copy as JSON' }).click()
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /"verdict": "expected"/)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }))

test('probes of others are imported, paused', () =>
  on({}, '/mesh/probes', async (page) => {
    await page.getByRole('button', { name: 'Import a file' }).click()
    await page.getByText('1 probe was imported. It is paused').waitFor()
    await row(page, 'From pumpkin').getByText('Paused').waitFor()
  }))

test('results are narrowed, drawn, read as a table and opened', () =>
  on({}, '/mesh/results', async (page) => {
    await page.getByRole('heading', { level: 1, name: /^\d+ results\.$/ }).waitFor()
    await page.getByRole('heading', { name: 'How the runs ended' }).waitFor()
    await page.getByRole('combobox', { name: 'Probe' }).selectOption({ label: 'Is my router there' })
    await page.waitForFunction(() => location.hash.includes('probe='))
    await page.getByRole('combobox', { name: 'Drawn:' }).selectOption({ label: 'rtt ms › mean' })
    await page.getByRole('heading', { name: 'rtt ms › mean over time' }).waitFor()
    await page.getByRole('button', { name: 'Show as table' }).click()
    await page.getByRole('columnheader', { name: 'rtt ms › mean' }).waitFor()
    await page.getByRole('combobox', { name: 'Ended' }).selectOption({ label: 'Not as expected' })
    await page
      .getByRole('row', { name: /did not answer/ })
      .first()
      .click()
    await page.getByRole('dialog').getByText('192.168.1.1 did not answer any of 3 echo requests.').waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByRole('searchbox').fill('nothing like this')
    await page.getByText('No rows').waitFor()
  }))

test('results that come in are shown without a question', () =>
  on({ beat: '400', takes: '50' }, '/mesh/results', async (page) => {
    const count = async () => Number((await page.getByRole('heading', { level: 1 }).innerText()).split(' ')[0])
    await page.waitForFunction(() => document.querySelector('h1')?.textContent.match(/^\d{2,}/))
    const before = await count()
    await page.waitForFunction(
      (old) => Number(document.querySelector('h1').textContent.split(' ')[0]) > old + 1,
      before,
    )
    await site.go(page, '/help')
  }))

test('incidents lead to their results and their rule, and are closed', () =>
  on({}, '/mesh/incidents', async (page) => {
    await page.getByRole('heading', { level: 1, name: '2 incidents are open.' }).waitFor()
    await page.getByRole('link', { name: 'DNS is rewritten' }).click()
    await page.getByRole('heading', { level: 1, name: /2 of 3 agents that reported about www.lemonde.fr/ }).waitFor()
    await page.getByRole('heading', { name: 'The 23 results behind it' }).waitFor()
    await page.getByRole('button', { name: 'Close it' }).click()
    await page.getByText('Closed by you').first().waitFor()
    await page.getByRole('link', { name: 'All incidents' }).click()
    await page.getByRole('heading', { level: 1, name: '1 incident is open.' }).waitFor()
    await page.getByText('All', { exact: true }).click()
    await page.getByRole('list', { name: 'Incidents' }).getByRole('listitem').nth(3).waitFor()
  }))

test('what rules had to leave out is told beside the incidents, and only then', async () => {
  await on({ incidents: 'many' }, '/mesh/incidents', async (page) => {
    await page.getByText('1 result came too late for a rule. 340 results were forgotten before their time').waitFor()
    await page.getByRole('button', { name: 'Left out since the start:' }).focus()
    await page.getByRole('tooltip').filter({ hasText: 'They are kept under Results.' }).waitFor({ state: 'visible' })
  })
  await on({}, '/mesh/incidents', async (page) => {
    await page.getByRole('link', { name: 'DNS is rewritten' }).waitFor()
    assert.equal(await page.getByText('Left out since the start').count(), 0)
    await page.getByRole('link', { name: 'DNS is rewritten' }).click()
    await page.getByRole('link', { name: 'All results about it' }).click()
    await page.getByRole('button', { name: 'Remove filter: Target: www.lemonde.fr' }).waitFor()
  })
})

test('of a long result, title and buttons stay in sight in a small window', () =>
  on(
    {},
    '/mesh/probes',
    async (page) => {
      await page.getByRole('link', { name: 'Is my router there' }).click()
      await page.getByRole('list', { name: 'How it ended' }).getByRole('button').first().click()
      const dialog = page.getByRole('dialog')
      for (const part of [dialog.getByRole('heading'), dialog.getByRole('button', { name: 'Close', exact: true })]) {
        const { y, height } = await part.boundingBox()
        assert.ok(y >= 0 && y + height <= SMALL.height, `from ${y}, ${height} high`)
      }
    },
    SMALL,
  ))

test('a rule is made as a sentence, tried, saved as a new version, and an old one is taken back', () =>
  on({}, '/mesh/rules', async (page) => {
    await page.getByRole('heading', { level: 1, name: '2 rules are on.' }).waitFor()
    await page.getByRole('link', { name: /The line is slow/ }).click()
    await page.getByText('Opens an incident when the mean of rtt ms › mean over 30 minutes is above 100.').waitFor()
    const proposed = await page.locator('datalist option').evaluateAll((all) => all.map((one) => one.value))
    assert.ok(proposed.includes('/measured/rtt_ms/mean') && !proposed.includes('/reachable'), String(proposed))
    await page.getByRole('spinbutton', { name: 'The limit' }).fill('250')
    await page.getByText('is above 250.').waitFor()
    await page.getByRole('textbox', { name: 'Over', exact: true }).fill('x')
    await page.getByText('A length of time is a whole number').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Save the rule' }).isDisabled())
    await page.getByRole('textbox', { name: 'Over', exact: true }).fill('45')
    await page.getByRole('button', { name: 'Try it on what is here' }).click()
    await page.getByText('It would have opened 2 incidents.').waitFor()
    await page.getByRole('button', { name: 'Save the rule' }).click()
    await page.getByRole('heading', { level: 1, name: '3 rules are on.' }).waitFor()

    await page.getByRole('link', { name: 'DNS is rewritten' }).click()
    await page.getByRole('button', { name: 'Take version 1 back' }).click()
    assert.equal(await page.getByRole('textbox', { name: 'Name of the rule' }).inputValue(), 'DNS differs')
    await page.getByRole('button', { name: 'Save the rule' }).click()
    await page.getByRole('link', { name: 'DNS differs' }).waitFor()
    await page.getByRole('checkbox', { name: 'On: DNS differs' }).uncheck()
    await page.getByRole('heading', { level: 1, name: '2 rules are on.' }).waitFor()
    await page.getByRole('button', { name: 'Delete The certificate changed' }).click()
    await page.getByRole('heading', { level: 1, name: '1 rule is on.' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('heading', { level: 1, name: '2 rules are on.' }).waitFor()
  }))

test('a sequence has steps', () =>
  on({ theme: 'dark' }, '/mesh/rules/new?template=sequence', async (page) => {
    await page.getByRole('button', { name: 'One more step' }).click()
    await page.getByRole('heading', { name: 'Step 3' }).waitFor()
    await page.getByRole('button', { name: 'Remove step 1' }).click()
    await page.getByRole('heading', { name: 'Step 3' }).waitFor({ state: 'detached' })
    for (const kind of [
      'Several agents agree',
      'A value has changed',
      'No result comes',
      'A number is above or below a limit',
    ]) {
      await page.getByRole('combobox', { name: 'Kind of condition' }).selectOption({ label: kind })
      await page.getByRole('button', { name: 'Save the rule' }).and(page.locator(':enabled')).waitFor()
    }
  }))

const PAGES = [
  '/mesh/probes', '/mesh/probes/new', '/mesh/probes/new?template=night', '/mesh/probes/allowed', '/mesh/probes/gone', '/mesh/results',
  '/mesh/incidents', '/mesh/incidents?period=all', '/mesh/rules', '/mesh/rules/new',
] // prettier-ignore
const STATES = [
  [{}, PAGES],
  [{ fake: 'hostile' }, PAGES],
  [{ probes: 'many', incidents: 'many' }, ['/mesh/probes', '/mesh/results', '/mesh/incidents?period=all']],
  [{ probes: 'none', incidents: 'none' }, ['/mesh/probes', '/mesh/results', '/mesh/incidents', '/mesh/rules']],
  [{ probes: 'failing' }, ['/mesh/probes', '/mesh/results']],
]

everyPage('pages of probes', () => site, STATES)
