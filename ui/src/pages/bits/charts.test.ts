import { expect, it, vi } from 'vitest'

vi.stubGlobal('document', { documentElement: {} })
const { fileName } = await import('./charts.svelte')

it.each([
  ['Evening – When it talked', 'Evening – When it talked'],
  ['../../etc/passwd', 'etc passwd'],
  ['a\u202egnp.exe: "x"', 'a gnp.exe x'],
  ['\u0000\u200b', 'telltale'],
  ['x'.repeat(300), 'x'.repeat(100)],
])('%j becomes the file name %j', (name, file) => expect(fileName(name)).toBe(file))
