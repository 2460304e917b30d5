// Numbers as a person reads them. Pure: the language comes in, text goes out.

export type Lang = 'en' | 'fr'

/** A number that the bridge may send as null when it is no finite one. */
export type Num = number | null | undefined

const LOCALES: Record<Lang, string> = { en: 'en-GB', fr: 'fr-FR' }

/** The locale in which numbers and dates of a language are written. */
export const locale = (lang: Lang): string => LOCALES[lang]

const formats = new Map<string, Intl.NumberFormat>()

function format(lang: Lang, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = lang + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) formats.set(key, (found = new Intl.NumberFormat(locale(lang), options)))
  return found
}

export function count(n: Num, lang: Lang): string {
  return format(lang, { maximumFractionDigits: 0 }).format(n ?? 0)
}

/** At most `digits` digits behind the point, none when they are zero. */
export function decimal(n: Num, lang: Lang, digits = 1): string {
  return format(lang, { maximumFractionDigits: digits }).format(n ?? 0)
}

/** A share from 0 to 1 as per cent; what is there but rounds to nothing reads "< 1 %". */
export function share(part: Num, whole: Num, lang: Lang): string {
  const ratio = whole ? (part ?? 0) / whole : 0
  const percent = format(lang, { style: 'percent', maximumFractionDigits: 0 })
  if (ratio > 0 && ratio < 0.005) return `< ${percent.format(0.01)}`
  if (ratio < 1 && ratio > 0.995) return `> ${percent.format(0.99)}`
  return percent.format(ratio)
}

const UNITS: Record<Lang, readonly string[]> = {
  en: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  fr: ['o', 'ko', 'Mo', 'Go', 'To', 'Po'],
}

/** Octets in SI steps of 1000, three significant digits. */
export function bytes(n: Num, lang: Lang): string {
  let value = Math.max(0, n ?? 0)
  let step = 0
  // Rounded before it is compared, so that 999.96 kB becomes 1 MB and not 1000 kB.
  while (step < 5 && Math.round(value) >= 1000) {
    value /= 1000
    step += 1
  }
  const digits = step === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${decimal(value, lang, digits)}\u00a0${UNITS[lang][step]}`
}
