// What the address of the page asks the fake to be, and how it fails.

import type { CommandError } from '../bindings'

const asked = new URLSearchParams(globalThis.location?.search)

/** `?key=value`, or what holds without it. */
export const wish = (key: string, otherwise = ''): string => asked.get(key) || otherwise
export const kind = wish('fake', 'typical')

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Something that takes its time: `?takes=MS`; `?takes=held` until the window hears `go-on`. */
export const work = (ms: number): Promise<void> =>
  wish('takes') === 'held'
    ? new Promise((done) => addEventListener('go-on', () => done(), { once: true }))
    : pause(Number(wish('takes', String(ms))))

export const fail = (code: CommandError['code'], message: string, detail = ''): never => {
  throw { code, detail, message } satisfies CommandError
}
