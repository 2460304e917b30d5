// What must never be on a page: an accessibility fault, an error in the console, a page wider than its window.

import { AxeBuilder } from '@axe-core/playwright'
import assert from 'node:assert/strict'

/** Fails with every fault of the page as it is now; `wrong` is the list of errors that `open` gave. */
export async function check(page, wrong) {
  await page.waitForFunction(
    () => !document.querySelector('[role=img]:not(svg)') || document.querySelector('.drawing svg, .tile'),
  )
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze()
  const faults = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
  assert.deepEqual(faults, [])
  assert.deepEqual(wrong, [])
  const wide = await page.evaluate(() => {
    const main = document.querySelector('main')
    return main.scrollWidth - main.clientWidth
  })
  assert.ok(wide <= 0, `the page is ${wide} px wider than the window`)
}
