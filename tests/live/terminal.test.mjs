// The terminal watches live: as an ordinary user, on a hotspot that a phone joins, with the one right that is needed.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { noLab, openLab } from '../lab/lab.mjs'
import { Program, built } from './program.mjs'

const skip = noLab({ setcap: 'libcap2-bin' })
/** "nobody": a user without any right. */
const USER = 65_534

let lab
let root
let cli
let bare
before(async () => {
  if (skip) return
  root = await mkdtemp(join(tmpdir(), 'telltale-terminal-'))
  await chmod(root, 0o755)
  // Installed as a person has it: the terminal's program, and the capture program beside it with its one right.
  const install = (folder, right) => {
    mkdirSync(folder)
    for (const name of ['telltale-cli', 'telltale-capd']) {
      copyFileSync(built(name), join(folder, name))
      chmodSync(join(folder, name), 0o755)
    }
    if (right) execFileSync('setcap', [right, join(folder, 'telltale-capd')], { env: withSbin })
    return join(folder, 'telltale-cli')
  }
  cli = install(join(root, 'bin'), 'cap_net_raw+ep')
  bare = install(join(root, 'bare'))
  for (const folder of ['out', 'tmp']) {
    mkdirSync(join(root, folder))
    await chown(join(root, folder), USER, USER)
  }
  lab = await openLab('term')
  await lab.tell('join')
})
after(async () => {
  await lab?.close()
  if (root) await rm(root, { recursive: true, force: true })
})

const withSbin = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
const out = (name) => join(root, 'out', name)
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The terminal, by a user without rights, in the namespace of the hotspot. */
const start = (args, program = cli) =>
  new Program(lab.inside([program, ...args], USER), { env: { TMPDIR: join(root, 'tmp'), HOME: join(root, 'tmp') } })

const watching = (program) => program.until('that it watches', () => program.err.find((l) => /watching/.test(l)))

test('the devices are listed, the hotspot among them', { skip }, async () => {
  const plain = start(['devices'])
  assert.equal((await plain.end()).code, 0, plain.err.join('\n'))
  assert.match(plain.out.join('\n'), /^tt-ap0 .*up/m)
  assert.match(plain.out.join('\n'), /10\.42\.0\.1\/24/)
  const told = start(['devices', '--json'])
  await told.end()
  const devices = JSON.parse(told.out.join('\n'))
  const hotspot = devices.find((d) => d.name === 'tt-ap0')
  assert.ok(hotspot.up && hotspot.addresses.includes('10.42.0.1/24'), JSON.stringify(hotspot))
  assert.ok(devices.some((d) => d.kind === 'loopback'))
})

test('a phone is watched until Ctrl-C; names come while it happens, reports at the end', { skip }, async () => {
  const watch = start(['watch', 'tt-ap0', '--json', out('audit.json'), '--record', out('phone.pcapng')])
  await watching(watch)
  await lab.tell('join-again')
  await lab.tell('live')
  for (const { name } of lab.said.filter((s) => s.name && s.via !== 'ntp')) {
    await watch.until(name, () => watch.out.some((line) => line.includes(name)))
  }
  assert.ok(
    watch.out.some((line) => /Annas-Phone -> graph\.facebook\.com .*Meta/.test(line)),
    `the phone and the company have no name: ${watch.out.join('\n')}`,
  )
  watch.signal('SIGINT')
  const { code } = await watch.end()
  assert.equal(code, 0, watch.err.join('\n'))
  assert.match(watch.out.at(-1), /talked to \d+ servers/)

  const audit = json(out('audit.json'))
  assert.equal(audit.schema, 'telltale.audit/1')
  const names = audit.servers.map((s) => s.name)
  for (const { name } of lab.said.filter((s) => s.name)) assert.ok(names.includes(name), `${name} is not in the audit`)
  assert.equal(audit.counts.dropped_by_kernel, 0)

  // What was kept is a capture that holds the same packets, and belongs to whoever asked for it.
  const again = start(['audit', out('phone.pcapng'), '--json', '-'])
  await again.end()
  assert.equal(JSON.parse(again.out.join('\n')).counts.packets, audit.counts.packets)
  assert.deepEqual(readdirSync(join(root, 'tmp')), [], 'the folder of the audit is left behind')
})

test('after its duration it ends by itself; stdout holds the report alone', { skip }, async () => {
  const began = Date.now()
  const watch = start(['watch', 'tt-ap0', '--duration', '3', '--filter', 'udp port 53', '--json', '-'])
  await watching(watch)
  await lab.tell('live')
  assert.equal((await watch.end()).code, 0, watch.err.join('\n'))
  assert.ok(Date.now() - began >= 3_000)
  const audit = JSON.parse(watch.out.join('\n'))
  const ports = audit.flows.map((flow) => flow.responder.port)
  assert.ok(ports.length > 0 && ports.every((port) => port === 53), `the filter let through ${ports}`)
})

test('it ends when nobody reads any more, and still writes its report', { skip }, async () => {
  const watch = start(['watch', 'tt-ap0', '--json', out('unread.json')])
  await watching(watch)
  watch.stopReading()
  await lab.tell('live')
  assert.equal((await watch.end()).code, 0, watch.err.join('\n'))
  assert.ok(json(out('unread.json')).servers.length > 0)
})

test('the device vanishes and comes back: the audit says so and goes on', { skip }, async () => {
  const watch = start(['watch', 'tt-ap0', '--json', out('gap.json')])
  await watching(watch)
  await lab.tell('live')
  await lab.tell('device-gone')
  await watch.until('that it waits', () => watch.err.find((line) => /nothing can be seen/.test(line)))
  await lab.tell('device-back')
  await lab.tell('join')
  await watch.until('that it goes on', () => watch.err.filter((line) => /watching/.test(line)).length === 2)
  await lab.tell('live')
  await sleep(500)
  watch.signal('SIGTERM')
  assert.equal((await watch.end()).code, 0, watch.err.join('\n'))
  const { source } = json(out('gap.json'))
  assert.equal(source.gaps.length, 1, JSON.stringify(source))
  assert.equal(source.gaps[0].reason, 'device_gone')
})

test('what is wrong is told in words, with a code of its own', { skip }, async () => {
  const refused = async (code, said, args, program) => {
    const watch = start(['watch', ...args], program)
    assert.equal((await watch.end()).code, code, watch.err.join('\n'))
    assert.match(watch.err.join('\n'), said)
    assert.deepEqual(watch.out, [])
  }
  await refused(4, /no network device tt-none; there are .*tt-ap0/, ['tt-none'])
  await refused(4, /sudo setcap cap_net_raw\+ep .*telltale-capd/, ['tt-ap0'], bare)
  await refused(2, /udp prot 53\n *\^/, ['tt-ap0', '--filter', 'udp prot 53'])
  await refused(2, /invalid value '0'/, ['tt-ap0', '--duration', '0'])
  await refused(1, /no-such-folder/, ['tt-ap0', '--json', '/no-such-folder/audit.json'])
  assert.ok(!existsSync('/no-such-folder'))
})
