// The way into a live audit: a hotspot and a phone that joins it, devices, filters, the phone's own capture, the right to look at
// packets; and the start page with what runs, what was interrupted and what leaves.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LOOKS, SMALL, startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const on = (wish, walk, { hash = '/watch', size } = {}) => site.on(wish, hash, walk, size)

const way = (page, name) => page.getByRole('radio', { name }).check()
const start = (page) => page.getByRole('button', { name: 'Start watching' })

/** Counts in `asked` what the page asks for each second, and keeps in `waiting` what it will still ask for. */
const countPolls = (page) =>
  page.evaluate(() => {
    globalThis.asked = 0
    globalThis.waiting = new Set()
    const { setTimeout: set, clearTimeout: clear } = globalThis
    globalThis.setTimeout = (work, ms, ...more) => {
      if (ms !== 1_000) return set(work, ms, ...more)
      globalThis.asked += 1
      const timer = set(() => (globalThis.waiting.delete(timer), work(...more)), ms)
      globalThis.waiting.add(timer)
      return timer
    }
    globalThis.clearTimeout = (timer) => (globalThis.waiting.delete(timer), clear(timer))
  })

test('from start to a saved report in five clicks', () =>
  on(
    { fake: 'first', wait: '0', hold: '100' },
    async (page) => {
      await page.getByRole('link', { name: 'Watch my phone' }).click()
      await page.getByRole('button', { name: 'Make the hotspot' }).click()
      await start(page).click()
      await page.getByRole('heading', { level: 1, name: /servers/ }).waitFor()
      await page.getByRole('button', { name: 'Save report' }).click()
      await page.getByRole('button', { name: 'Page to read (HTML)' }).click()
      await page.getByText('Saved to /home/you/Documents/pixel-evening.html').waitFor()
    },
    { hash: '/' },
  ))

test('the hotspot is made by keyboard alone, shows its code, and greets the phone once', () =>
  on({ wait: '2' }, async (page) => {
    const greetings = await page.evaluateHandle(() => {
      const said = []
      new MutationObserver(() => {
        const now = document.querySelector('main .said')?.innerText.trim()
        if (now && now !== said.at(-1)) said.push(now)
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
      return said
    })
    await page.getByRole('textbox', { name: 'Name of the network' }).fill('')
    await page.getByText('The network needs a name.').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Make the hotspot' }).isDisabled())
    await page.getByRole('textbox', { name: 'Name of the network' }).fill('Anna and me')
    await page.keyboard.press('Enter')
    await page.getByText('The hotspot is being made…').waitFor()
    await page.getByRole('img', { name: 'Code that joins a phone to “Anna and me”' }).waitFor()
    await page.getByText('Waiting for a phone…').waitFor()
    await page.locator('.said', { hasText: 'Anna’s phone has joined' }).waitFor()
    await page.locator('.said', { hasText: 'Unnamed device (Samsung Electronics)' }).waitFor()
    // The same phones are seen again and again, and not greeted again.
    await countPolls(page)
    await page.waitForFunction(() => globalThis.asked >= 3)
    assert.deepEqual(await greetings.jsonValue(), [
      'Waiting for a phone…',
      'Anna’s phone has joined',
      'Anna’s phone and Unnamed device (Samsung Electronics) have joined',
    ])
    await page.getByRole('button', { name: 'Copy the password' }).click()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'kmw4-7hza-p9dt-x3rb')
  }))

test('the code is dark on light with its quiet zone, in the dark theme too', () =>
  on({ hotspot: 'standing', theme: 'dark' }, async (page) => {
    const code = page.getByRole('img', { name: /^Code that joins/ })
    await code.waitFor()
    const found = await code.evaluate((svg) => ({
      box: svg.getAttribute('viewBox'),
      paper: getComputedStyle(svg.querySelector('rect')).fill,
      ink: getComputedStyle(svg.querySelector('path')).fill,
      first: svg.querySelector('path').getAttribute('d').split('h')[0],
      dark: svg.querySelector('path').getAttribute('d').match(/M/g).length,
    }))
    assert.deepEqual({ ...found, dark: 0 }, { box: '0 0 41 41', paper: 'rgb(255, 255, 255)', ink: 'rgb(0, 0, 0)', first: 'M4 4', dark: 0 }) // prettier-ignore
    assert.ok(found.dark > 400 && found.dark < 700)
  }))

test('a hotspot that stands is found again on the start page, and ends there', () =>
  on(
    { hotspot: 'standing' },
    async (page) => {
      await page.getByText('The hotspot “Telltale-7F3K” stands on wlan0.').waitFor()
      await page.getByRole('button', { name: 'End the hotspot' }).click()
      await page.getByText('The hotspot “Telltale-7F3K”').waitFor({ state: 'detached' })
      await site.go(page, '/watch')
      await page.getByRole('button', { name: 'Make the hotspot' }).waitFor()
    },
    { hash: '/' },
  ))

for (const [hotspot, said] of [
  ['no_wifi', 'This computer has no Wi-Fi device'],
  ['no_ap', 'cannot be an access point'],
  ['in_use', 'own way into the internet'],
  ['no_nm', 'NetworkManager does not run'],
  ['off', 'Wi-Fi is switched off'],
  ['switch', 'A switch or key'],
  ['not_allowed', 'does not let you share'],
]) {
  test(`no hotspot (${hotspot}): says why, and proposes another way`, () =>
    on({ hotspot }, async (page) => {
      await page.getByText('cannot make a hotspot now').waitFor()
      await page.getByText('Not possible now').waitFor()
      assert.ok(await page.getByRole('radio', { name: /already passes/ }).isChecked())
      await way(page, /This computer makes a hotspot/)
      await page.getByText(said).waitFor()
      await page.getByRole('button', { name: 'Look again' }).waitFor()
      assert.ok(await start(page).isDisabled())
    }))
}

test('why a hotspot failed is said with what to do, and it can be tried again', () =>
  on({ hotspot_error: 'band5_refused' }, async (page) => {
    await page.getByRole('button', { name: 'Make the hotspot' }).click()
    await page.getByRole('alert').getByText('At 5 GHz no channel is allowed here').waitFor()
    await page.getByRole('button', { name: 'Make the hotspot' }).waitFor()
  }))

test('a device is chosen, the likely one first, and its small line moves', () =>
  on({ devices: 'many', phones: '20', wait: '0' }, async (page) => {
    await way(page, /already passes/)
    const first = page.locator('li label', { hasText: 'wlan0' })
    await first.getByText('Most likely').waitFor()
    assert.ok(await first.getByRole('radio').isChecked())
    await first.locator('polyline').waitFor()
    const before = await first.locator('polyline').getAttribute('points')
    await page.waitForFunction((old) => document.querySelector('polyline').getAttribute('points') !== old, before)
    assert.equal(await page.getByRole('radio', { name: 'Virtual' }).count(), 0)
    await page.getByText('30 others').click()
    await page.getByText('docker0').waitFor()
    await page.locator('li label', { hasText: 'enp3s0' }).click()
    await page.getByText('own traffic passes here too').waitFor()
    await way(page, 'These phones alone')
    await page.getByRole('checkbox', { name: /Anna’s phone 3/ }).check()
    await page.getByText('1 phone on Cable (Ethernet) (enp3s0)').waitFor()
    await page.getByRole('textbox', { name: 'Others, by address' }).fill('10.0.0.0/24 anna')
    await page.getByText('“anna” is neither an address nor a network.').waitFor()
    assert.ok(await start(page).isDisabled())
  }))

test('a filter is checked as it is typed, and its error is underlined at its character', () =>
  on({}, async (page) => {
    await way(page, /already passes/)
    await way(page, 'A filter of my own')
    const field = page.getByRole('textbox', { name: 'Filter expression' })
    await field.fill('host 10.42.0.17 and prt 53')
    await page.getByText('The filter knows no word “prt”.').waitFor()
    assert.equal(await page.locator('mark').innerText(), 'prt')
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    await page.getByRole('button', { name: 'Show me where' }).click()
    assert.deepEqual(await field.evaluate((one) => [one.selectionStart, one.selectionEnd]), [20, 23])
    await page.keyboard.type('port')
    await page.getByText('The filter works.').waitFor()
    assert.ok(await start(page).isEnabled())
  }))

test('nothing is polled once the page is left', () =>
  on(
    { hotspot: 'standing', wait: '0' },
    async (page) => {
      await page.locator('.said', { hasText: 'has joined' }).waitFor()
      await countPolls(page)
      await page.waitForFunction(() => globalThis.asked >= 3)
      await site.go(page, '/settings')
      // What is to be asked a second later waits in a timer: none is left.
      await page.waitForFunction(() => globalThis.waiting.size === 0)
    },
    { size: SMALL },
  ))

test('the phone captures itself: address, port and what to type on it', () =>
  on({}, async (page) => {
    await way(page, /The phone captures itself/)
    await page.locator('dd', { hasText: '10.42.0.1' }).waitFor()
    await page.getByText('While you watch, a door is open on this computer').waitFor()
    const offered = await page.getByRole('combobox', { name: 'Address of this computer' }).innerText()
    assert.doesNotMatch(offered, /2a01:|fe80:/)
    await page.getByRole('textbox', { name: 'Port' }).fill('80')
    await page.getByText('A port is a number from 1024 to 65535.').waitFor()
    await page.getByRole('textbox', { name: 'Port' }).fill('5000')
    await page.getByText('The phone, through a door at 10.42.0.1:5000').waitFor()
    await page.getByText('It is fetched (HTTP)').click()
    await page.getByRole('textbox', { name: 'Address that the phone shows' }).fill('http://10.42.0.17:8080/')
    await page.getByText('The phone, at http://10.42.0.17:8080/').waitFor()
    await page.getByText('As a file').click()
    await page.getByRole('button', { name: 'Open a capture file' }).waitFor()
  }))

test('the missing permission is explained before it is asked for', () =>
  on({ rights: 'missing', hotspot: 'standing' }, async (page) => {
    await page.getByRole('heading', { name: 'One permission is missing' }).waitFor()
    await page.getByText('telltale-capd: it opens the network device').waitFor()
    assert.ok(await start(page).isDisabled())
    await page.getByRole('button', { name: 'Give the permission' }).click()
    await page.getByRole('heading', { name: 'One permission is missing' }).waitFor({ state: 'detached' })
    await start(page).click()
    await page.waitForFunction(() => location.hash === '#/audit/4/overview')
  }))

for (const [rights, said] of [
  ['declined', 'The permission was not given.'],
  ['no_program', 'The capture program is missing'],
  ['cannot_here', 'USB stick'],
]) {
  test(`the permission (${rights}): says what it means, and what to do`, () =>
    on({ rights, hotspot: 'standing', theme: 'dark' }, async (page) => {
      if (rights === 'declined') await page.getByRole('button', { name: 'Give the permission' }).click()
      await page.getByText(said).waitFor()
      assert.ok(await start(page).isDisabled())
    }))
}

test('what was chosen is there when one comes back', () =>
  on({}, async (page) => {
    await way(page, /already passes/)
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Kitchen tablet')
    await site.go(page, '/help')
    await site.go(page, '/watch')
    assert.equal(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'Kitchen tablet')
    assert.ok(await page.getByRole('radio', { name: /already passes/ }).isChecked())
  }))

test('names that phones gave themselves are text and nothing else', () =>
  on({ fake: 'hostile', hotspot: 'standing', phones: '9', wait: '0' }, async (page) => {
    await way(page, 'These phones alone')
    await page.getByRole('checkbox').nth(8).waitFor()
    assert.equal(await page.locator('main img, main script, main iframe').count(), 0)
    assert.doesNotMatch(await page.locator('main').innerText(), /[\u202a-\u202e\u200b\u0000]/)
  }))

test('a hotspot is being made on while another page is shown', () =>
  on({ making: '2500' }, async (page) => {
    await page.getByRole('button', { name: 'Make the hotspot' }).click()
    await site.go(page, '/help')
    await site.go(page, '/watch')
    await page.getByText('The hotspot is being made…').waitFor()
    await page.getByRole('heading', { name: 'The hotspot stands' }).waitFor()
  }))

const STATES = [
  [{ devices: 'none' }, /already passes|passe déjà/],
  [{ devices: 'failing' }, /already passes|passe déjà/],
  [{ devices: 'many' }, /already passes|passe déjà/],
  [{}, /own settings|réglages du système/],
  [{}, /The phone captures|Le téléphone capture/],
  [{}, /A probe|Une sonde/],
  [{ hotspot: 'slept' }, /This computer makes|Cet ordinateur crée/],
  [{ hotspot: 'no_upstream' }, /This computer makes|Cet ordinateur crée/],
  [{ hotspot: 'standing', phones: '20', wait: '0' }, /This computer makes|Cet ordinateur crée/],
]
for (const [look, size] of LOOKS) {
  test(`every state in ${look.lang}, ${look.theme}, ${size.width}x${size.height}`, async (t) => {
    for (const [wish, name] of STATES) {
      await t.test(JSON.stringify(wish) + name, () => on({ ...look, ...wish }, (page) => way(page, name), { size }))
    }
    await t.test('start', () =>
      on({ ...look, live: 'several', leaving: '1', hotspot: 'standing' }, async () => undefined, { hash: '/', size }),
    )
  })
}

test('what runs stands on top with its state, and leads to its audit', () =>
  on(
    { live: 'several' },
    async (page) => {
      const now = page.getByRole('region', { name: 'Being watched now' })
      await now.getByText('Paused').waitFor()
      assert.equal(await now.getByRole('listitem').count(), 3)
      assert.equal(await page.getByRole('region', { name: 'Earlier audits' }).getByText('Tablet by cable').count(), 0)
      await now.getByRole('link', { name: 'Tablet by cable' }).click()
      await page.waitForFunction(() => location.hash === '#/audit/5/overview')
    },
    { hash: '/' },
  ))

test('an interrupted audit goes on', () =>
  on(
    { live: 'interrupted' },
    async (page) => {
      await page.getByRole('button', { name: 'Go on watching: Night on the hotspot' }).click()
      await page.waitForFunction(() => location.hash === '#/audit/7/overview')
    },
    { hash: '/' },
  ))

test('what leaves is announced, and is kept by one press', () =>
  on(
    { leaving: '1' },
    async (page) => {
      const leaving = page.getByRole('region', { name: 'Will be removed soon' })
      await leaving.getByText('“Old tablet” and its recording, in 5 days').waitFor()
      await leaving.getByRole('button', { name: 'Keep Old tablet' }).click()
      await leaving.getByText('Old tablet').waitFor({ state: 'detached' })
      await page.getByRole('region', { name: 'Earlier audits' }).getByText('kept', { exact: true }).waitFor()
    },
    { hash: '/' },
  ))

test('a recording is deleted after a question, and the audit stays', () =>
  on(
    {},
    async (page) => {
      await page.getByRole('button', { name: 'More about iPhone at rest.pcap' }).click()
      await page.getByRole('button', { name: 'Delete the recording' }).click()
      const dialog = page.getByRole('dialog', { name: /Delete the recording of/ })
      await dialog.getByText('182 MB of packets').waitFor()
      await dialog.getByRole('button', { name: 'Delete the recording' }).click()
      await page.getByText('recording: 182 MB').waitFor({ state: 'detached' })
      await page.getByRole('link', { name: 'iPhone at rest.pcap' }).waitFor()
    },
    { hash: '/' },
  ))
