// Pages of probes and mesh in French: nothing that the engine says in English is left on them.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { still } from './faults.mjs'
import { startSite } from './site.mjs'

let site
before(async () => (site = await startSite()))
after(() => site.stop())

/** What people and strangers called their own things; it is shown as they wrote it. */
const THEIRS = [
  'Is my router there', 'My bank’s certificate', 'Do all resolvers say the same', 'The tablet at night', 'What is at home', 'From pumpkin',
  'DNS is rewritten', 'DNS differs', 'The certificate changed', 'The line is slow', 'An agent is silent', 'The desk', 'Raspberry Pi in the hall',
  'a SPADE agent', 'Chat of the family', 'Is the garage there', 'The shop’s certificate', 'Who is at home', 'The tomatoes are <b>red</b>',
] // prettier-ignore
/** Words of nearly every English sentence that are no French ones. */
const ENGLISH =
  /(?<![\p{L}/_.-])(the|is|are|was|were|not|and|of|with|this|that|it|its|from|has|have|been|nobody|cannot|could|did|does|there|than|by|for|to|in|an|more|no)(?![\p{L}/_=-])/giu

/** Everything that a page says, to eyes and to screen readers, but for what messages hold. */
async function words(page) {
  const said = await page.evaluate(() => {
    const copy = document.body.cloneNode(true)
    for (const body of copy.querySelectorAll('pre, .body, [role=gridcell] .mono, script, style')) body.remove()
    const named = [...copy.querySelectorAll('[title], [aria-label], [placeholder]')].flatMap((one) =>
      ['title', 'aria-label', 'placeholder'].map((name) => one.getAttribute(name) ?? ''),
    )
    const texts = []
    const walk = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) texts.push(walk.currentNode.data)
    return [...texts, ...named].map((text) => text.trim()).filter(Boolean)
  })
  return said.map((text) => THEIRS.reduce((left, name) => left.replaceAll(name, '…'), text))
}

async function isFrench(page, where, what) {
  if (what) await page.getByText(what).first().waitFor()
  await still(page)
  const said = await words(page)
  assert.ok(said.length > 20, `${where} says something`)
  assert.deepEqual([...new Set(said.filter((text) => text.match(ENGLISH)))], [], where)
}

const id = (n) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
const PAGES = [
  '/mesh/probes', ...[1, 2, 3, 4, 5].map((n) => `/mesh/probes/${id(n)}`), '/mesh/probes/gone', '/mesh/probes/allowed', '/mesh/probes/new',
  '/mesh/results', '/mesh/results?verdict=unexpected', '/mesh/results?verdict=timed_out', '/mesh/incidents', '/mesh/incidents?period=all',
  `/mesh/incidents/${id(800)}`, `/mesh/incidents/${id(801)}`, '/mesh/rules', `/mesh/rules/${id(701)}`, '/mesh/rules/new',
  '/mesh/agents', '/mesh/agents/pi%40mesh.example', '/mesh/messages', '/mesh/topics', '/mesh/doors', '/mesh/join',
] // prettier-ignore
const STATES = [
  [{}, PAGES],
  [{ probes: 'asleep' }, PAGES.slice(0, 2), 'a répondu à 3 pings sur 3'],
  [{ probes: 'failing' }, ['/mesh/probes'], 'le disque est plein'],
  [{ doors: 'stuck' }, ['/mesh/doors'], 'La réponse a le statut 503.'],
  [{ mesh: 'none' }, ['/mesh/agents']],
  [{ mesh: 'connecting' }, ['/mesh/agents'], 'mesh.example, port 5222 : la connexion est refusée'],
  [{ mesh: 'credentials' }, ['/mesh/agents'], 'Le nom ou le mot de passe est faux.'],
  [{ mesh: 'certificate' }, ['/mesh/agents'], 'Personne en qui ce compte a confiance'],
  [{ mesh: 'no_safe_login' }, ['/mesh/agents'], 'mais PLAIN'],
  [{ mesh: 'asks' }, ['/mesh/agents']],
]

for (const [wish, hashes, what] of STATES) {
  test(`pages are French: ${JSON.stringify(wish)}`, async () => {
    const { page } = await site.open({ lang: 'fr', ...wish }, hashes[0])
    for (const hash of hashes) {
      await site.go(page, hash)
      await isFrench(page, hash, what)
    }
    await site.leave(page)
  })
}

/** Opens a page, does what makes the engine speak, and looks at what it says. */
const speaks = (what, wish, hash, walk) =>
  test(`it is French: ${what}`, async () => {
    const { page } = await site.open({ lang: 'fr', ...wish }, hash)
    await walk(page)
    await isFrench(page, what)
    await site.leave(page)
  })
const press = (page, name) => page.getByRole('button', { name }).first().click()

for (const [template, what] of [
  ['router', 'a répondu à 3 pings sur 3'],
  ['site', 'a répondu comme il faut (statut 200)'],
  ['certificate', 'il est encore valable 61 jours'],
  ['dns', 'annuaires disent la même chose'],
  ['route', 'est à 4 étapes d’ici'],
  ['tampering', 'Rien ne montre que quelqu’un altère le trafic'],
])
  speaks(`a try of ${template}`, {}, `/mesh/probes/new?template=${template}`, async (page) => {
    for (const empty of await page.locator('main input[required]:visible, main input.field:visible').all())
      if (!(await empty.inputValue())) await empty.fill(template === 'site' ? 'https://example.org/' : 'example.org')
    await press(page, 'Essayer maintenant')
    await page.getByText(what).first().waitFor()
  })

speaks('a try that fails', { try: 'failing' }, '/mesh/probes/new?template=router', async (page) => {
  await page.getByRole('textbox', { name: 'Nom ou adresse' }).fill('10.0.0.1')
  await press(page, 'Essayer maintenant')
  await page.getByText('la machine est injoignable').first().waitFor()
})

speaks('a program that is not allowed', {}, '/mesh/probes/new?template=home', async (page) => {
  await page.getByRole('textbox', { name: 'Cible' }).fill('192.168.1.0/24')
  await press(page, 'Enregistrer et lancer')
  await page.getByRole('alert').getByText('n’a pas autorisé le programme nmap').waitFor()
})

speaks('a result in full', {}, `/mesh/probes/${id(2)}`, async (page) => {
  await press(page, /montre un certificat de/)
  await page.getByRole('dialog').getByText('Cible').waitFor()
})

speaks('what a rule would have said', {}, `/mesh/rules/${id(701)}`, async (page) => {
  await press(page, 'L’essayer sur ce qui est là')
  await page.getByText('2 incidents').first().waitFor()
})

speaks('the way of a message', {}, '/mesh/messages', async (page) => {
  await page
    .getByRole('row', { name: /confirm/ })
    .first()
    .click()
  await page
    .getByRole('dialog')
    .getByText('directement à pi@mesh.example/telltale : a le rôle probe, présent')
    .waitFor()
})

speaks('an invitation that is none', { mesh: 'none' }, '/mesh/join', async (page) => {
  await page.getByText('J’ai une invitation').click()
  await page.getByRole('textbox', { name: 'L’invitation' }).fill('hello')
  await press(page, 'La lire')
  await page.getByText('ce n’est pas une invitation').waitFor()
})

speaks('a port that is taken', { doors: 'taken' }, '/mesh/doors', async (page) => {
  await press(page, 'L’ouvrir')
  await page.getByText('un autre programme s’en sert déjà').waitFor()
})

speaks('an output that cannot send', { doors: 'stuck' }, '/mesh/doors', async (page) => {
  await press(page, /^Essayer/)
  await page.getByText('la réponse a le statut 503').nth(1).waitFor()
})
