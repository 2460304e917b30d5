// The HTTP interface and what is sent on. `?doors=taken|stuck`.

import type { Backend } from '../backend'
import type { HttpNow, OutputNow } from '../bindings'
import { stamp } from './audits'
import { uuid } from './probes'
import { fail, kind, pause, wish } from './wish'

const how = wish('doors')
let now: HttpNow = {
  settings: { on: false, address: '127.0.0.1', port: 8_765 },
  url: null,
  problem: null,
  tokens: kind === 'first' ? [] : [{ name: 'Home Assistant', made: Date.now() - 400_000_000, used: Date.now() - 60_000 }],
  answered: 0,
  refused: 0,
} // prettier-ignore

let made = 900
let outputs: OutputNow[] = kind === 'first' ? [] : [
  { output: { id: uuid(901), name: 'Chat of the family', enabled: true, to: { kind: 'webhook', url: 'https://chat.example/hooks/telltale' }, what: 'incidents' }, sent: 18, waiting: how === 'stuck' ? 6 : 0, given_up: how === 'stuck' ? 2 : 0, problem: how === 'stuck' ? 'it answered with status 503' : null, next: how === 'stuck' ? Date.now() + 90_000 : null },
] // prettier-ignore

export const doors = {
  http: async () => now,
  save_http: async (settings) => {
    await pause(40)
    const taken = how === 'taken' && settings.on
    now = {
      ...now,
      settings,
      url: settings.on && !taken ? `http://${settings.address}:${settings.port}/` : null,
      problem: taken
        ? `${settings.address}:${settings.port} cannot be listened on: Address already in use (os error 98)`
        : null,
    }
    stamp('doors')
    return now
  },
  add_http_token: async (name) => {
    if (now.tokens.some((one) => one.name === name)) fail('invalid_input', `there is a token called ${name} already`)
    now = { ...now, tokens: [...now.tokens, { name, made: Date.now(), used: null }] }
    stamp('doors')
    return 'tt_6f1c0b7c9f5d4e2a8b3d1e0f9c8b7a65'
  },
  remove_http_token: async (name) => {
    now = { ...now, tokens: now.tokens.filter((one) => one.name !== name) }
    stamp('doors')
  },
  outputs: async () => outputs,
  save_output: async (output) => {
    const id = output.id || uuid(made++)
    const known = outputs.find((one) => one.output.id === id)
    const saved = { ...output, id }
    const row = { ...(known ?? { sent: 0, waiting: 0, given_up: 0, problem: null, next: null }), output: saved }
    outputs = known ? outputs.map((one) => (one.output.id === id ? row : one)) : [...outputs, row]
    stamp('doors')
    return saved
  },
  remove_output: async (id) => {
    outputs = outputs.filter((one) => one.output.id !== id)
    stamp('doors')
  },
  try_output: async () => {
    await pause(100)
    if (how === 'stuck') fail('output', 'it answered with status 503')
  },
} satisfies Partial<Backend>
