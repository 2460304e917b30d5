// The theme's colours as a chart library wants them: plain values, read from the tokens.

export type Palette = Record<
  | 'ink'
  | 'soft'
  | 'line'
  | 'surface'
  | 'hover'
  | 'accent'
  | 'sent'
  | 'received'
  | 'land'
  | 'land-edge'
  | 'needed'
  | 'measures'
  | 'follows'
  | 'unknown',
  string
> & { font: string }

/** The colours as they are now; read again when the theme changes. */
export function palette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: read('ink'),
    soft: read('soft'),
    line: read('line'),
    surface: read('surface'),
    hover: read('hover'),
    accent: read('accent'),
    sent: read('sent'),
    received: read('received'),
    land: read('land'),
    'land-edge': read('land-edge'),
    needed: read('needed'),
    measures: read('measures'),
    follows: read('follows'),
    unknown: read('unknown'),
    font: read('font'),
  }
}

/** A colour between two of form #rrggbb; `part` 0 is the first, 1 the second. */
export function between(first: string, second: string, part: number): string {
  const channel = (color: string, at: number) => parseInt(color.slice(at, at + 2), 16)
  const mixed = [1, 3, 5].map((at) => {
    const value = channel(first, at) + (channel(second, at) - channel(first, at)) * part
    return Math.round(value).toString(16).padStart(2, '0')
  })
  return `#${mixed.join('')}`
}
