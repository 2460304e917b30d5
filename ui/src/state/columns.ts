// Which columns a person has hidden: the only thing that the window itself remembers between runs.

const PREFIX = 'telltale.columns.'

export function hiddenColumns(table: string, away: readonly string[]): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + table) ?? 'null')
    if (Array.isArray(kept)) return new Set(kept.filter((key) => typeof key === 'string'))
  } catch {
    // What cannot be read counts as not there.
  }
  return new Set(away)
}

export function keepColumns(table: string, hidden: ReadonlySet<string>): void {
  try {
    localStorage.setItem(PREFIX + table, JSON.stringify([...hidden]))
  } catch {
    // Without a place to keep it the choice lasts as long as the window.
  }
}
