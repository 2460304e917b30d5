// The time for "in 3 minutes" and "2 hours ago": moves while a page shows it.

const EVERY_MS = 5_000

export class Clock {
  now = $state(Date.now())

  /** Called while a component is made; ends with it. */
  constructor() {
    $effect(() => {
      const timer = setInterval(() => (this.now = Date.now()), EVERY_MS)
      return () => clearInterval(timer)
    })
  }
}
