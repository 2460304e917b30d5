// The mesh of `up`, for tests and benchmarks that are written for Node; and engines that take part in it.

import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lab, noLab } from '../lab/lab.mjs'
import { built, Program } from '../live/program.mjs'

const UP = fileURLToPath(new URL('up', import.meta.url))
const TOOLS = { prosody: 'prosody', prosodyctl: 'prosody', openssl: 'openssl', ss: 'iproute2', python3: 'python3' }

/** Why there can be no mesh here, as `noLab` says it. */
export const noMesh = () => noLab(TOOLS)

/** Builds a mesh; `here`: without namespaces. */
export async function openMesh(name, { here = false } = {}) {
  const mesh = new Mesh(
    spawn(UP, here ? [name, '--here'] : [name], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    }),
  )
  Object.assign(mesh, await mesh.ready)
  mesh.pem = await readFile(mesh.authority, 'utf8')
  return mesh
}

class Mesh extends Lab {
  /** A command line that runs where agents run. */
  inside(command) {
    return this.namespace ? super.inside(command) : command
  }

  /** The account `name` as the engine wants it: nothing but itself, where the server is, and what it does. */
  account(name, { role = 'probe', duties = [], ...more } = {}) {
    return {
      jid: `${name}@${this.domain}`,
      server: `${this.address}:${this.starttls}`,
      tls: 'start_tls',
      trust: { by: 'authority', pem: this.pem },
      role,
      duties,
      name,
      policy: { allow: [], deny: [], roster_group: true, roles: [] },
      password: `pw-${name}`,
      ...more,
    }
  }

  /** An engine that takes part; its data folder lies below `root`. */
  member(root, name, options) {
    const folder = join(root, name)
    mkdirSync(folder, { recursive: true })
    const account = join(root, `${name}.json`)
    writeFileSync(account, JSON.stringify(this.account(name, options)), { mode: 0o600 })
    return new Member(this.inside([built('mesh-member'), folder, account]))
  }
}

/** A running `mesh-member`. */
export class Member extends Program {
  /** Lines that hold `key`. */
  heard(key) {
    return this.out
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .filter((told) => key in told)
      .map((told) => told[key])
  }

  /** Gives a command, and waits for its answer; `key` is what the answer is called. */
  async ask(command, key = command.split(' ')[0], patience = 60_000) {
    const before = this.heard(key).length
    this.say(command)
    return this.until(command, () => this.heard(key)[before], patience)
  }

  /** Asks again and again until the answer is as `fits` wants it. */
  async askUntil(what, command, fits, patience = 30_000) {
    const end = Date.now() + patience
    for (;;) {
      const answer = await this.ask(command)
      if (fits(answer)) return answer
      if (Date.now() > end) {
        const mesh = JSON.stringify(await this.ask('mesh'), (key, value) => (key === 'account' ? undefined : value))
        throw new Error(`never came: ${what}; last: ${JSON.stringify(answer)}; mesh: ${mesh}`)
      }
      await new Promise((done) => setTimeout(done, 50))
    }
  }

  /** Waits until it is in the mesh. */
  async online() {
    await this.until('that it began', () => this.heard('began')[0])
    await this.askUntil('that it is online', 'mesh', (mesh) => mesh.phase.phase === 'online')
  }

  /** Waits until it knows of a live agent with this role. */
  knows(role) {
    return this.askUntil(`an agent with the role ${role}`, 'agents', (agents) =>
      agents.some((agent) => !agent.own && agent.role === role && agent.show !== 'offline'),
    )
  }

  /** Ends it in order. */
  async stop() {
    this.say('stop')
    return this.end()
  }

  async kill() {
    this.signal('SIGKILL')
    return this.end()
  }
}
