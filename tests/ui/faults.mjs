// What must never be on a page: an accessibility fault, an error in the console, a page wider than its window.

import axe from 'axe-core'
import assert from 'node:assert/strict'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

/** Waits until the page stands still for a moment; one that never does is looked at as it is after a second. */
export const still = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        let quiet = setTimeout(end, 100)
        const most = setTimeout(end, 1_000)
        const watch = new MutationObserver(() => {
          clearTimeout(quiet)
          quiet = setTimeout(end, 100)
        })
        watch.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
        function end() {
          watch.disconnect()
          clearTimeout(quiet)
          clearTimeout(most)
          done()
        }
      }),
  )

/** The accessibility faults of the whole page. The rules are put into a page once: it has no frames of others. */
async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  return page.evaluate(async (values) => {
    const found = await globalThis.axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] })
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
  }, TAGS)
}

/** Fails with every fault of the page as it is now; `wrong` is the list of errors that `open` gave. */
export async function check(page, wrong) {
  await page.waitForFunction(
    () => !document.querySelector('[role=img]:not(svg)') || document.querySelector('.drawing svg, .tile'),
  )
  await still(page)
  assert.deepEqual(await violations(page), [])
  assert.deepEqual(wrong, [])
  const wide = await page.evaluate(() => {
    const main = document.querySelector('main')
    return main.scrollWidth - main.clientWidth
  })
  assert.ok(wide <= 0, `the page is ${wide} px wider than the window`)
}
