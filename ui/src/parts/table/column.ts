// What a table knows of a column.

export type Column<T> = {
  key: string
  label: string
  /** CSS grid track, `minmax(…px, …fr)` so that the table fills its place and scrolls when that is too small. */
  track: string
  /** Least width in px, for the sum under which the table scrolls sideways. */
  least: number
  numeric?: boolean
  sortable?: boolean
  /** Cannot be hidden. */
  fixed?: boolean
  /** Hidden until the person asks for it. */
  away?: boolean
  /** What is copied, and what a screen reader would read where the cell draws. */
  text: (row: T) => string
}

export type Sort = { key: string; descending: boolean }
