// Facts of a result as a person reads them: a tree of JSON made into lines, each with its pointer (RFC 6901). Pure.

import type { Value } from '$ui/ipc/bindings'

/** One value within facts. */
export type Fact = { pointer: string; name: string; depth: number; value: Value; leaf: boolean }

/** Lines that a page bears; what is beyond is told as a number. */
export const MOST_FACTS = 400
const MOST_DEPTH = 12

const branch = (value: Value): value is Value[] | { [key: string]: Value } =>
  typeof value === 'object' && value !== null
const entries = (value: Value[] | { [key: string]: Value }): [string, Value][] =>
  Array.isArray(value) ? value.map((one, at) => [String(at), one]) : Object.entries(value)

export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** Every value in the order in which it is written, at most `MOST_FACTS`, and how many there would be beyond. */
export function facts(root: Value): { lines: Fact[]; beyond: number } {
  const lines: Fact[] = []
  let beyond = 0
  const walk = (value: Value, pointer: string, depth: number) => {
    if (!branch(value)) return
    for (const [name, one] of entries(value)) {
      const here = `${pointer}/${escaped(name)}`
      const leaf = !branch(one) || entries(one).length === 0 || depth >= MOST_DEPTH
      if (lines.length < MOST_FACTS) lines.push({ pointer: here, name, depth, value: one, leaf })
      else beyond += 1
      if (!leaf) walk(one, here, depth + 1)
    }
  }
  walk(root, '', 0)
  return { lines, beyond }
}

/** The value at a pointer; `undefined` where there is none. */
export function at(root: Value, pointer: string): Value | undefined {
  let here: Value | undefined = root
  for (const part of pointer.split('/').slice(1)) {
    if (here === undefined || !branch(here)) return undefined
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    here = Object.hasOwn(here, name) ? (here as Record<string, Value>)[name] : undefined
  }
  return here
}

/** Pointers under which results have numbers, the most frequent first. */
export function numeric(results: readonly { facts: Value }[]): string[] {
  const counts = new Map<string, number>()
  for (const { facts: root } of results) {
    for (const { pointer, value } of facts(root).lines) {
      if (typeof value === 'number') counts.set(pointer, (counts.get(pointer) ?? 0) + 1)
    }
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([pointer]) => pointer)
}

/** The names of which a pointer is made: `/hops/0/rtt_ms` has three. That a number was measured needs no word. */
export const spelt = (pointer: string): string[] =>
  pointer
    .replace(/^\/measured(?=\/)/, '')
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

/** A body as indented JSON; the text itself where it is none. */
export function pretty(text: string): { text: string; json: boolean } {
  try {
    return { text: JSON.stringify(JSON.parse(text), null, 2), json: true }
  } catch {
    return { text, json: false }
  }
}

/** The sentence in a body that is a result or an incident; empty where it has none. */
export function summaryOf(body: string): string {
  try {
    const { summary, conclusion }: Record<string, unknown> = Object(JSON.parse(body))
    return [summary, conclusion].find((one): one is string => typeof one === 'string') ?? ''
  } catch {
    return ''
  }
}
