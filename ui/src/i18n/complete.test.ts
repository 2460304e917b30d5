// Every key is used, and every language says all of it.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { en } from './en'
import { fr } from './fr'
import type { Message } from './message'

const forms = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message))
const slots = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()
const keys = Object.keys(en) as (keyof typeof en)[]

const root = fileURLToPath(new URL('..', import.meta.url))
const source = (readdirSync(root, { recursive: true }) as string[])
  .filter((path) => /\.(svelte|ts)$/.test(path) && !/i18n\/(en|fr)\/|\.test\.ts$|\/fake\//.test(path))
  .map((path) => readFileSync(root + path, 'utf8'))
  .join('\n')

/** Keys that are put together: `purpose.${x}.long` uses every key of that form. */
const patterns = [...source.matchAll(/`([a-z_.]+\.\$\{[^`]*)`/g)].map(
  ([, text]) => new RegExp(`^${text!.replace(/\$\{[^}]*\}/g, '[\\w-]+').replaceAll('.', '\\.')}$`),
)

describe('texts', () => {
  it('are the same keys in both languages', () => expect(Object.keys(fr).sort()).toEqual([...keys].sort()))

  it.each(keys)('%s is used', (key) => {
    expect(source.includes(`'${key}'`) || patterns.some((pattern) => pattern.test(key))).toBe(true)
  })

  it.each(keys)('%s has the same slots in each language and form', (key) => {
    const wanted = new Set(forms(en[key]).flatMap(slots))
    const known = new Set([...wanted, '{n}'])
    for (const form of [...forms(en[key]), ...forms(fr[key])]) {
      for (const slot of slots(form)) expect(known).toContain(slot)
    }
    for (const slot of wanted) if (slot !== '{n}') expect(forms(fr[key]).join()).toContain(slot)
  })

  it('are translated where a sentence could be', () => {
    const same = keys.filter((key) => JSON.stringify(en[key]) === JSON.stringify(fr[key]))
    const names =
      /^(app\.name|place\.audit|term\.(capture|dns|ech|tls|quic|ja4)|protocol\.|settings\.language\.|column\.(service|ja4|port)|score\.profile\.|overview\.count\.|audit\.|server\.(owner\.service|set\.)|settings\.data\.version|say\.notices|start\.lookup\.placeholder|help\.keys\.(copy|back)\.key|word\.total|access\.photos|start\.rename\.notes|settings\.data\.licence|term\.tunnel|live\.pause$|watch\.(join|system|kind|connection)\.\w+$|watch\.hotspot\.band\.5|watch\.audit\.notes|watch\.phone\.(port|bind\.on)$|watch\.device\.now|watch\.duration\.minutes|field\.(by\.\w+|port)$|unit\.minutes|(mesh\.tab|term)\.(incidents?|messages|agents?)$|agents\.(title|traffic)$|messages\.(peer|thread)$|http\.port$|rule\.(per|field|of)\.agent$|(incident|probes)\.revision)/
    expect(same.filter((key) => !names.test(key) && !/^n\./.test(key))).toEqual([])
  })

  it.each(keys)('%s is clean', (key) => {
    for (const form of [...forms(en[key]), ...forms(fr[key])]) {
      expect(form).not.toMatch(/^\s|\s$| {2}|TODO|'/)
      expect(form.length).toBeGreaterThan(0)
    }
  })
})
