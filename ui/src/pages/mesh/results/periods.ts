// How far back results are shown.

export const PERIODS = ['hour', 'day', 'week', 'month'] as const
const MS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_629_800_000 } as const

/** Where a period begins; null for all time. */
export function since(period: string | undefined, now: number): number | null {
  const one = PERIODS.find((name) => name === period)
  return one ? now - MS[one] : null
}
