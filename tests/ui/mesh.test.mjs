// The mesh: joining it, what keeps one out, agents and who asks to be let in, messages, topics, doors; in every look.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { everyPage, SMALL, startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

const on = (...what) => site.on(...what)

const row = (page, name) => page.getByRole('listitem').filter({ hasText: name })
const field = (page, name) => page.getByRole('textbox', { name, exact: true })
const answer = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()

test('a computer alone is told what a mesh is, and joins it in three steps', () =>
  on({ mesh: 'none', takes: 'held' }, '/mesh/agents', async (page) => {
    await answer(page, 'This computer works alone.')
    await page.getByRole('link', { name: 'Join a mesh' }).click()
    const join = page.getByRole('button', { name: 'Join', exact: true })
    assert.ok(await join.isDisabled())
    await page.getByText('Step 1: an account is a name and a server').waitFor()
    await field(page, 'Account').fill('kitchen@mesh.example')
    await page.getByText('Step 1: the password is missing.').waitFor()
    await field(page, 'Password').fill('secret')
    await page.getByText('One key').click()
    await page.getByText('Step 2: the key’s SHA-256').waitFor()
    await page.getByText('Public authorities').click()
    await field(page, 'Let in without asking').fill('mesh.example')
    await page.getByText('Step 2: agents are named as').waitFor()
    await field(page, 'Let in without asking').fill('*@mesh.example')
    await field(page, 'May control its probes').fill('the boss')
    await page.getByText('Step 2: agents are named as').waitFor()
    await field(page, 'May control its probes').fill('boss@mesh.example')
    await field(page, 'May see what this computer does').fill('*@mesh.example')
    await field(page, 'What others shall call this computer').fill('The kitchen')
    await page.getByText('Observer').click()
    await join.click()
    await answer(page, 'On the way into the mesh…')
    await site.goOn(page)
    await answer(page, /You are in the mesh, and 2 other agents are there/)
    await row(page, 'The kitchen').getByText('Observer').waitFor()
  }))

test('an authority of one’s own comes from its file', () =>
  on(
    { mesh: 'none' },
    '/mesh/join',
    async (page) => {
      await field(page, 'Account').fill('kitchen@mesh.example')
      await field(page, 'Password').fill('secret')
      await page.getByText('An authority of mine').click()
      await page.getByText('Step 2: the certificate of the authority is missing.').waitFor()
      await page.getByRole('button', { name: 'Choose a file…' }).click()
      await page.getByText('Step 2: the certificate').waitFor({ state: 'detached' })
      assert.match(
        await field(page, 'Certificate of the authority (PEM)').inputValue(),
        /^-----BEGIN CERTIFICATE-----\nMII/,
      )
      // In a small window, what opens below its edge comes into sight.
      await page.getByText('Where the server is').click()
      await page.waitForFunction(() => {
        const { top, bottom } = document.querySelector('details[open] .fields').getBoundingClientRect()
        return top >= 0 && bottom <= innerHeight
      })
    },
    SMALL,
  ))

test('a file that is no certificate is told, and nothing is filled in', () =>
  on({ mesh: 'none', authority: 'key' }, '/mesh/join', async (page) => {
    await page.getByText('An authority of mine').click()
    await page.getByRole('button', { name: 'Choose a file…' }).click()
    await page.getByText(/this is a private key; keep it to yourself/).waitFor()
    assert.equal(await field(page, 'Certificate of the authority (PEM)').inputValue(), '')
  }))

test('an invitation fills in the server and whom to trust', () =>
  on({ mesh: 'none' }, '/mesh/join', async (page) => {
    await page.getByText('I have an invitation').click()
    await field(page, 'The invitation').fill('hello')
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.getByText('one begins with telltale-mesh:').waitFor()
    await field(page, 'The invitation').fill('telltale-mesh:mesh.example?token=k3v9')
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.getByText('pi@mesh.example invites you to mesh.example').waitFor()
    assert.equal(await field(page, 'Account').inputValue(), '@mesh.example')
    assert.equal(await field(page, 'Let in without asking').inputValue(), 'pi@mesh.example')
    assert.match(await field(page, 'SHA-256 of the server’s public key, hexadecimal').inputValue(), /^e3b0c442/)
    assert.ok(await page.getByRole('checkbox', { name: /Make this account/ }).isChecked())
  }))

for (const [mesh, said, next] of [
  ['credentials', 'does not accept name and password', 'Check both'],
  ['certificate', 'Nobody you trust vouches', 'somebody stands in between'],
  ['no_safe_login', 'keeps the password secret', 'must switch SCRAM on'],
]) {
  test(`what keeps one out (${mesh}) is said at once, with what to do`, () =>
    on({ mesh, theme: 'dark' }, '/mesh/agents', async (page) => {
      await answer(page, /something needs you/)
      const note = page.getByRole('alert')
      await note.getByText(said).first().waitFor()
      await note.getByText(next).waitFor()
      await page.getByRole('button', { name: 'Join again' }).click()
      await answer(page, /You are in the mesh/)
    }))
}

test('on the way, the tries are counted and the next is told', () =>
  on({ mesh: 'connecting' }, '/mesh/agents', async (page) => {
    await page.getByText('3 tries did not work; it goes on by itself.').waitFor()
    await page.getByText('Connection refused').waitFor()
    await page.getByText('4 messages wait').waitFor()
  }))

test('who asks is let in or refused, and nobody else', () =>
  on({ mesh: 'asks' }, '/mesh/agents', async (page) => {
    await page.getByRole('heading', { name: '1 agent asks to be let in' }).waitFor()
    await page.getByRole('button', { name: 'Let in' }).click()
    await page.getByText('stranger@elsewhere.example is let in.').waitFor()
    await page.getByRole('heading', { name: /asks to be let in/ }).waitFor({ state: 'detached' })
    await page.getByRole('textbox', { name: 'Ask another agent' }).fill('new@mesh.example')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await row(page, 'new@mesh.example').getByText('asked, no answer yet').waitFor()
  }))

test('an agent is invited by a code and a line', () =>
  on({ theme: 'dark' }, '/mesh/agents', async (page) => {
    await page.getByRole('button', { name: 'Invite an agent' }).click()
    await page.getByRole('img', { name: 'The invitation as a code' }).waitFor()
    await page.getByRole('button', { name: 'Copy the line' }).click()
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^telltale-mesh:mesh\.example/)
  }))

test('the account is left and joined again, and forgotten only after a question', () =>
  on({}, '/mesh/agents', async (page) => {
    await page.getByRole('button', { name: 'Leave the mesh' }).click()
    await answer(page, 'You are not in the mesh now.')
    await page.getByRole('link', { name: 'Change the account' }).click()
    await page.getByText('Left empty, the one that is kept is used.').waitFor()
    await page.getByRole('button', { name: 'Join', exact: true }).click()
    await answer(page, /You are in the mesh/)
    await page.getByRole('button', { name: 'Forget the account' }).click()
    const dialog = page.getByRole('dialog', { name: 'Forget this account?' })
    await dialog.getByText('cannot be undone').waitFor()
    await dialog.getByRole('button', { name: 'Forget the account' }).click()
    await answer(page, 'This computer works alone.')
  }))

test('one agent: its details, its behaviours, its messages, a message to it, and seeing it no more', () =>
  on({}, '/mesh/agents', async (page) => {
    await page.getByRole('link', { name: 'Raspberry Pi in the hall' }).click()
    await answer(page, 'Raspberry Pi in the hall')
    await page.getByText('Telltale 0.1.0').waitFor()
    await row(page, 'Do all resolvers say the same').first().waitFor()
    await page
      .getByRole('button', { name: /inform · telltale.result/ })
      .first()
      .click()
    await page.getByRole('dialog').getByText('"summary": "3 resolvers say the same."').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Write a message' }).click()
    const dialog = page.getByRole('dialog', { name: 'Write a message' })
    assert.equal(await dialog.getByRole('combobox', { name: 'To' }).inputValue(), 'pi@mesh.example')
    await dialog.getByRole('combobox', { name: 'Performative' }).selectOption('request')
    await dialog.getByRole('textbox', { name: 'Ontology' }).fill('garden')
    await dialog.getByRole('textbox', { name: 'Text' }).fill('{"water": ')
    await dialog.getByText('This is no JSON yet.').waitFor()
    assert.ok(await dialog.getByRole('button', { name: 'Send' }).isDisabled())
    await dialog.getByRole('textbox', { name: 'Text' }).fill('{"water": true}')
    await dialog.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'request · garden' }).waitFor()
    await page.getByRole('button', { name: 'See it no more' }).click()
    await page.getByText('Neither sees the other').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('asked, no answer yet').waitFor()
  }))

const pi = '/mesh/agents/pi%40mesh.example'
const ownProbes = (page) => page.getByRole('region', { name: 'Its own probes' })

test('what another agent does is shown, and controlled where its owner allows it', () =>
  on({}, pi, async (page) => {
    const does = ownProbes(page)
    const one = does.getByRole('listitem').filter({ hasText: 'The shop’s certificate' })
    await one.getByText('Not as expected').waitFor()
    await one.getByText('31 runs').waitFor()
    await one.getByText('Waiting').waitFor()
    await does.getByRole('button', { name: 'Run now: The shop’s certificate' }).click()
    await page.getByText('“The shop’s certificate” was asked to run now.').waitFor()
    await one.getByText('Running').waitFor()
    await one.getByRole('button', { name: 'More about The shop’s certificate' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await one.getByText('Paused').waitFor()
    await one.getByRole('button', { name: 'More about The shop’s certificate' }).click()
    await page.getByRole('button', { name: 'Go on' }).click()
    await one.getByText('Waiting').waitFor()
    await one.getByRole('button', { name: 'More about The shop’s certificate' }).click()
    await page.getByRole('button', { name: 'Break off' }).click()
    await one.getByText('Broken off', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Start it again' }).click()
    await one.getByText('Waiting').waitFor()
  }))

test('where it may be seen only, nothing can be done', () =>
  on({ does: 'look', theme: 'dark' }, pi, async (page) => {
    await ownProbes(page).getByText('You may see this, and change nothing.').waitFor()
    assert.equal(await ownProbes(page).getByRole('listitem').count(), 4)
    assert.equal(
      await ownProbes(page)
        .getByRole('button', { name: /Run now/ })
        .count(),
      0,
    )
  }))

test('behaviours beyond the limit are counted', () =>
  on({ does: 'many' }, pi, async (page) => {
    await ownProbes(page).getByText('37 more are not shown.').waitFor()
    assert.equal(await ownProbes(page).getByRole('listitem').count(), 100)
  }))

for (const [wish, hash, said] of [
  [{ does: 'none' }, pi, 'It has none.'],
  [{ does: 'refused' }, pi, 'This agent does not tell you what it does.'],
  [{ does: 'silent', theme: 'dark' }, pi, 'This agent did not answer.'],
  [{}, '/mesh/agents/spade%40mesh.example', 'This agent cannot say what it does.'],
  [{}, '/mesh/agents/attic%40mesh.example', 'This agent is not there.'],
  [{ mesh: 'asks' }, '/mesh/agents/stranger%40elsewhere.example', 'You have not let this agent in.'],
  [{ does: 'refused', lang: 'fr' }, pi, 'Cet agent ne vous dit pas ce qu’il fait.'],
]) {
  test(`an agent that tells nothing: ${said}`, () => on(wish, hash, (page) => page.getByText(said).waitFor()))
}

test('an agent is asked with patience, and names that strangers chose stay what they are', () =>
  on(
    { fake: 'hostile', takes: 'held' },
    pi,
    async (page) => {
      await ownProbes(page).getByText('It is being asked what it does…').waitFor()
      await site.goOn(page)
      await ownProbes(page).getByRole('listitem').first().waitFor()
    },
    SMALL,
  ))

test('messages are searched, narrowed to a conversation, read and answered', () =>
  on({ mesh: 'many' }, '/mesh/messages', async (page) => {
    await answer(page, '2,000 messages.')
    await page.getByRole('searchbox').fill('tomatoes')
    await page.getByText('500 rows').waitFor()
    await page
      .getByRole('row', { name: /garden/ })
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('The tomatoes are <b>red</b>').waitFor()
    await dialog.getByRole('link', { name: 'th-0' }).click()
    await page.getByRole('button', { name: 'Remove filter: Conversation: th-0' }).waitFor()
    await page.getByText('4 rows').waitFor()
    await page.keyboard.press('Escape')
  }))

test('in a small window too, a message begins with whom it is for', () =>
  on(
    {},
    '/mesh/messages',
    async (page) => {
      await page.getByRole('button', { name: 'Write a message' }).click()
      await page.getByRole('combobox', { name: 'To' }).and(page.locator(':focus')).waitFor()
      await page.getByText('a word that both agents know').waitFor()
      const { y, height } = await page.getByRole('button', { name: 'Send' }).boundingBox()
      assert.ok(y + height <= SMALL.height)
    },
    SMALL,
  ))

test('an answer goes on with the conversation', () =>
  on({}, '/mesh/messages', async (page) => {
    await page
      .getByRole('row', { name: /tomatoes/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('It goes on with the same conversation.').waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText(/is on its way/).waitFor()
    await answer(page, '61 messages.')
  }))

test('topics are followed, and show what came from them', () =>
  on({}, '/mesh/topics', async (page) => {
    await answer(page, 'You follow 2 topics.')
    await page.getByRole('checkbox', { name: 'Follow garden' }).check()
    await answer(page, 'You follow 3 topics.')
    await page.getByRole('link', { name: 'telltale/results' }).click()
    await page.getByRole('heading', { level: 2, name: 'telltale/results' }).waitFor()
    await page.getByText('3 resolvers say the same.').first().waitFor()
    await page.getByRole('button', { name: 'Show all of it' }).first().click()
    await page.getByRole('region', { name: 'What was published' }).getByText('"summary"').waitFor()
    await page.getByRole('link', { name: 'garden' }).click()
    await page.getByText('Nothing was published here yet.').waitFor()
  }))

test('the HTTP interface is opened and closed by buttons, and warns before it is open to others', () =>
  on({}, '/mesh/doors', async (page) => {
    await answer(page, /No program of others/)
    await page.getByRole('button', { name: 'Open it' }).click()
    await answer(page, /Programs that have a token/)
    await page.getByText('http://127.0.0.1:8765/').waitFor()
    await page.getByText('Where it answers').click()
    await field(page, 'Address').fill('0.0.0.0')
    await page.getByText('what is said is not encrypted').waitFor()
    await field(page, 'Port').fill('70000')
    await page.getByText('A port is a number').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Close it' }).isDisabled())
    await field(page, 'Port').fill('8765')
    await page.getByRole('button', { name: 'Close it' }).click()
    await answer(page, /No program of others/)
  }))

test('a port that is taken is told', () =>
  on({ doors: 'taken' }, '/mesh/doors', async (page) => {
    await page.getByRole('button', { name: 'Open it' }).click()
    await page.getByText('Address already in use').waitFor()
  }))

test('a token is shown once, and taken away after a question', () =>
  on({}, '/mesh/doors', async (page) => {
    await page.getByRole('textbox', { name: 'For which program' }).fill('Script')
    await page.getByRole('button', { name: 'Make a token' }).click()
    const dialog = page.getByRole('dialog', { name: 'The new token' })
    await dialog.getByText('tt_6f1c0b7c9f5d4e2a8b3d1e0f9c8b7a65').waitFor()
    await dialog.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByText('tt_6f1c').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Take the token of Script away' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click()
    await page.getByText('The token of “Script” is gone.').waitFor()
  }))

test('outputs are added, tried, deleted and brought back', () =>
  on({}, '/mesh/doors', async (page) => {
    await page.getByRole('button', { name: 'Add a place' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a place' })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Files')
    await dialog.getByRole('textbox', { name: 'Address' }).fill('http://elsewhere.example/')
    assert.ok(await dialog.getByRole('button', { name: 'Save' }).isDisabled())
    await dialog.getByText('A folder').click()
    await dialog.getByRole('textbox', { name: 'Absolute path' }).fill('/home/you/telltale')
    await dialog.getByText('Both', { exact: true }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row(page, 'Files').getByText('/home/you/telltale').waitFor()
    await page.getByRole('button', { name: 'Try Files' }).click()
    await page.getByText('An example was sent to “Files”.').waitFor()
    await page.getByRole('button', { name: 'Delete Files' }).click()
    await row(page, 'Files').getByText('/home/you/telltale').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(page, 'Files').getByText('/home/you/telltale').waitFor()
  }))

test('the help has recipes for a server', () =>
  on({}, '/mesh/join', async (page) => {
    await page.getByRole('link', { name: 'How to set up a server' }).click()
    await page.getByText('disable_sasl_mechanisms = { "PLAIN"').waitFor()
    const recipes = await page.getByRole('heading', { name: 'A server for the mesh' }).elementHandle()
    await page.waitForFunction((one) => {
      const { top } = one.getBoundingClientRect()
      return top >= 0 && top < 900
    }, recipes)
    await page.getByText('ejabberd: faster').click()
    await page.getByText('auth_scram_hash: sha256').waitFor()
    await page.getByRole('button', { name: /Copy: Put this into \/etc\/ejabberd/ }).click()
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /mod_pubsub/)
  }))

const PAGES = [
  '/mesh/agents', '/mesh/agents/pi%40mesh.example', '/mesh/agents/nobody%40mesh.example', '/mesh/join', '/mesh/messages',
  '/mesh/topics?service=pubsub.mesh.example&node=telltale/results', '/mesh/doors', '/help',
] // prettier-ignore
const STATES = [
  [{}, PAGES],
  [{ fake: 'hostile' }, PAGES],
  [{ mesh: 'none' }, ['/mesh/agents', '/mesh/messages', '/mesh/topics', '/mesh/join']],
  [{ mesh: 'asks' }, ['/mesh/agents']],
  [{ mesh: 'many', doors: 'stuck' }, ['/mesh/agents', '/mesh/messages', '/mesh/doors']],
]

everyPage('pages of the mesh', () => site, STATES)
