// `telltale-cli agent` in the mesh of a real server: how it comes in, what keeps it out, what it brings, what it does for others.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { built, Program } from '../live/program.mjs'
import { noMesh, openMesh } from './mesh.mjs'

const skip = noMesh()
const CORRELATOR = { role: 'correlator', duties: ['store', 'correlate'] }
/** What may take a moment takes no longer than this, on a slow machine either. */
const PATIENCE_MS = 60_000

let mesh
let root
let programs = []
before(async () => {
  if (skip) return
  mesh = await openMesh('terminal', { here: true })
  root = await mkdtemp(join(tmpdir(), 'telltale-terminal-'))
})
afterEach(async () => {
  await Promise.all(programs.map((program) => program.isOver || (program.signal('SIGKILL'), program.end())))
  programs = []
})
after(async () => {
  await mesh?.close()
  if (root) await rm(root, { recursive: true, force: true })
})

const jid = (name) => `${name}@${mesh.domain}`
const by = (name) => (result) => result.agent === jid(name) && result.verdict === 'expected'

/** A correlator that is in the mesh. */
async function correlator(name) {
  const one = mesh.member(root, name, CORRELATOR)
  programs.push(one)
  await one.online()
  return one
}

/** Waits until a store has so many more results of an agent, and gives all that it has; each is there once. */
async function has(store, name, more = 2) {
  const count = async () => (await store.ask('results')).filter(by(name)).length
  const wanted = (await count()) + more
  const fits = (rows) => rows.filter(by(name)).length >= wanted
  const rows = await store.askUntil(`${wanted} results of ${name}`, 'results', fits, PATIENCE_MS)
  assert.equal(new Set(rows.map((row) => row.id)).size, rows.length, 'each is there once')
  return rows.filter(by(name))
}

/** The file of an agent that looks for the server's door each second. */
const file = (name, { way, mine = '', more = '' }) => `data = "data"
[mesh]
account = "${jid(name)}"
name = "The ${name}"
role = "probe"
password_file = "password"
${way ?? `server = "${mesh.address}:${mesh.starttls}"\nauthority = "${mesh.authority}"`}
${mine}
${more}
[[probe]]
name = "The server's door"
check = { kind = "reachability", host = "${mesh.address}", how = { by = "tcp", port = ${mesh.starttls} }, attempts = 1 }
behaviour = { kind = "cyclic", pause_s = 1 }
`

/** Starts an agent; `folder` is where its file and its data lie. */
function start(name, { password = `pw-${name}`, folder = name, args = [], ...more } = {}) {
  const at = join(root, `cli-${folder}`)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'password'), `${password}\n`, { mode: 0o600 })
  writeFileSync(join(at, 'agent.toml'), file(name, { mine: 'roster_group = true', ...more }))
  const command = [built('telltale-cli'), 'agent', '--config', join(at, 'agent.toml'), ...args]
  const env = { TELLTALE_NO_KEYRING: '1', TELLTALE_LOG: undefined }
  const agent = new Program(command, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  programs.push(agent)
  return agent
}

const says = (agent, words, patience = PATIENCE_MS) =>
  agent.until(`${words}`, () => agent.err.find((line) => words.test(line)), patience)
const joined = (agent) => says(agent, /the mesh is joined/)

/** What it said before it ended by itself, with a code. */
async function refused(agent) {
  const { code } = await agent.end(PATIENCE_MS)
  const said = agent.err.join('\n')
  assert.equal(code, 3, said)
  return said
}

async function ends(agent) {
  agent.signal('SIGTERM')
  const { code } = await agent.end(PATIENCE_MS)
  assert.equal(code, 0, agent.err.join('\n'))
}

/** Waits until an agent that is not in the mesh says over HTTP that its probe found something after a time. */
async function finds(agent, folder, since) {
  const [, url] = /(http:\S+)/.exec(await says(agent, /HTTP is answered at/))
  const authorization = `Bearer ${readFileSync(join(root, `cli-${folder}/token`), 'utf8').trim()}`
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const answer = await fetch(new URL('api/results?limit=100', url), { headers: { authorization } })
    const { rows } = await answer.json()
    if (rows.some((row) => row.ended > since)) return
    assert.ok(Date.now() < end, `nothing is found: ${JSON.stringify(rows[0])}`)
    await sleep(100)
  }
}

test('it joins with a password from a file, brings what it finds, and says farewell', { skip }, async () => {
  const store = await correlator('a1')
  const agent = start('a2')
  await joined(agent)
  await store.knows('probe')
  const seen = (await store.ask('agents')).find((one) => one.jid === jid('a2'))
  assert.deepEqual([seen.role, seen.trusted], ['probe', true])
  const first = await has(store, 'a2')
  await ends(agent)
  // A server keeps the session of one that is killed for minutes: who is gone at once has said so.
  await store.askUntil('that it is gone', 'agents', (agents) =>
    agents.some((one) => one.jid === jid('a2') && one.show === 'offline'),
  )

  const again = start('a2')
  await joined(again)
  const then = await has(store, 'a2')
  assert.ok(then.length > first.length)
  assert.equal(new Set(then.map((row) => row.probe)).size, 1, 'it is the same probe still')
  await ends(again)
  assert.doesNotMatch([...agent.err, ...again.err].join('\n'), /pw-a2|note:|warning:/)
})

test('a wrong password, or a server that nobody vouches for, is told at once', { skip }, async (t) => {
  const began = Date.now()
  const wrong = await refused(start('a3', { password: 'not-this-one', folder: 'wrong' }))
  t.diagnostic(`it had ended ${Date.now() - began} ms after its start`)
  assert.match(wrong, /cannot be joined as a3@localhost: the name or the password is wrong\. Change the file/)
  assert.doesNotMatch(wrong, /not-this-one|tried again/)

  const way = `server = "${mesh.address}:${mesh.starttls}"`
  const strange = await refused(start('a3', { folder: 'strange', way }))
  assert.match(strange, /cannot be joined as a3@localhost: nobody whom this account trusts vouches for the server/)
})

test(
  'one that was let in before goes on with its probes, and brings what it found once it is let in again',
  { skip },
  async () => {
    const store = await correlator('a1')
    const known = start('a3')
    await joined(known)
    await has(store, 'a3', 1)
    await ends(known)

    const shut = start('a3', { password: 'not-this-one', more: '[http]\nport = 0\ntoken_file = "token"' })
    await says(shut, /until its owner changes something: the name or the password is wrong/)
    await says(shut, /probes go on/)
    const since = Date.now()
    await finds(shut, 'a3', since)
    const until = Date.now()
    await ends(shut)

    const back = start('a3')
    await joined(back)
    const meanwhile = (rows) => rows.filter((row) => by('a3')(row) && row.ended > since && row.ended < until)
    await store.askUntil('what it found meanwhile', 'results', (rows) => meanwhile(rows).length > 0, PATIENCE_MS)
    await ends(back)
  },
)

test('it makes its account where the server lets it, once', { skip }, async () => {
  const made = { password: `s3cret & <odd> 'pass"word`, mine: 'register = true' }
  const agent = start('new1', made)
  await joined(agent)
  await ends(agent)
  const again = start('new1', made)
  await joined(again)
  await ends(again)
  assert.doesNotMatch([...agent.err, ...again.err].join('\n'), /not made|s3cret/)

  const other = await refused(start('new1', { ...made, password: 'another', folder: 'other' }))
  assert.match(other, /the name or the password is wrong; the account was not made either: the name new1 is taken/)
})

test('one line brings a new agent in, once', { skip }, async () => {
  const store = await correlator('a4')
  const line = await store.ask('invite')
  const invited = { way: `invitation = "${line}"`, mine: 'register = true' }
  const agent = start('guest', invited)
  await joined(agent)
  await has(store, 'guest')
  await ends(agent)
  const again = start('guest', invited)
  await joined(again)
  await has(store, 'guest')

  const second = start('guest2', invited)
  await joined(second)
  await store.askUntil('that the owner is asked', 'agents', (agents) =>
    agents.some((one) => one.jid === jid('guest2') && one.subscription === 'asks'),
  )
  await has(store, 'guest')
  assert.equal((await store.ask('results')).filter(by('guest2')).length, 0, 'the line was for one')
  for (const one of [again, second]) await ends(one)
  const told = await refused(start('guest3', { ...invited, way: 'invitation = "telltale-mesh:nowhere"' }))
  assert.match(told, /this invitation cannot be taken: this invitation is damaged/)
})

test('it does for others what its owner allows, and tells of it as much as asked', { skip }, async () => {
  const store = await correlator('a5')
  const agent = start('a6', { more: '[policy]\nremote_kinds = ["reachability"]', args: ['--log', 'debug'] })
  await joined(agent)
  await store.askUntil('what it can do', 'agents', (agents) =>
    agents.some((one) => one.jid === jid('a6') && one.duties.includes('reachability')),
  )
  const ask = (thread, check) => {
    const body = JSON.stringify({ do: 'check', check })
    const draft = { to: jid('a6'), performative: 'request', ontology: 'telltale.control/1', thread, body }
    return store.ask(`send ${JSON.stringify(draft)}`, 'sent')
  }
  const answers = async (thread, last) => {
    const done = (said) => said.some((message) => message.performative === last)
    const said = await store.askUntil(`${last} in ${thread}`, `said ${thread}`, done, PATIENCE_MS)
    return said.filter((message) => message.performative !== 'request')
  }
  const how = { by: 'tcp', port: mesh.direct }
  await ask('may', { kind: 'reachability', host: mesh.address, how, attempts: 1 })
  const [agreed, told] = await answers('may', 'inform')
  assert.equal(agreed.performative, 'agree')
  assert.equal(JSON.parse(told.body)[0].verdict, 'expected', told.body)
  await ask('may-not', { kind: 'dns', name: 'localhost', record: 'a', resolvers: [] })
  const [no, ...more] = await answers('may-not', 'refuse')
  assert.match(no.body, /does not let others ask for checks of the kind dns/)
  assert.deepEqual(more, [])
  await ends(agent)
  const said = agent.err.join('\n')
  assert.match(said, /telltale-cli: (note|detail): mesh: /)
  assert.ok(!said.includes('pw-a6') && !said.includes('BEGIN CERTIFICATE'), said)
})

test('a server that comes late still makes the account', { skip }, async () => {
  await mesh.tell('server-kill')
  const agent = start('new2', { mine: 'register = true', password: 'later' })
  await says(agent, /the account was not made/)
  await says(agent, /the mesh is not joined, and tried again/)
  await mesh.tell('server-start')
  await joined(agent)
  await ends(agent)
  const made = JSON.parse(readFileSync(join(root, 'cli-new2/data/agent.json'), 'utf8'))
  assert.equal(made.registered, jid('new2'))
})
