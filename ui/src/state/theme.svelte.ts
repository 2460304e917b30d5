// Light or dark: the person's wish, else the system's.

class Theme {
  #wish = $state('system')
  #system = $state(matchMedia('(prefers-color-scheme: dark)').matches)
  now = $derived<'light' | 'dark'>(
    this.#wish === 'light' || this.#wish === 'dark' ? this.#wish : this.#system ? 'dark' : 'light',
  )

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
      this.#system = event.matches
      this.#paint()
    })
    this.#paint()
  }

  choose(wish: string): void {
    this.#wish = wish
    this.#paint()
  }

  #paint(): void {
    document.documentElement.dataset.theme = this.now
  }
}

export const theme = new Theme()
