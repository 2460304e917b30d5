import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import { joined, names, said as french, written } from './fr/said'
import { known, language } from './language.svelte'
import { factName, place, said, sentence } from './said'

const CRATES = fileURLToPath(new URL('../../../src-tauri/crates/', import.meta.url))
/** Rooms whose sentences reach the pages of probes and mesh. */
const ROOMS = [
  'telltale-core/src/correlate',
  'telltale-core/src/facts.rs',
  'telltale-core/src/probe_file',
  'telltale-engine/src/api/mod.rs',
  'telltale-engine/src/api/server.rs',
  'telltale-engine/src/checks',
  'telltale-engine/src/incidents',
  'telltale-engine/src/mesh',
  'telltale-engine/src/outputs',
  'telltale-engine/src/password',
  'telltale-engine/src/probe_file.rs',
  'telltale-engine/src/probes',
  'telltale-mesh/src/agent',
  'telltale-mesh/src/invitation.rs',
  'telltale-mesh/src/keeper.rs',
  'telltale-mesh/src/link',
  'telltale-mesh/src/message',
]
/** Rooms of which a page here shows only some. */
const ALSO = [
  'telltale-engine/src/api/scandale.rs',
  'telltale-engine/src/error.rs',
  'telltale-engine/src/live',
  'telltale-capture/src',
]

const sources = (place: string): string[] =>
  place.endsWith('.rs')
    ? [readFileSync(CRATES + place, 'utf8')]
    : (readdirSync(CRATES + place, { recursive: true }) as string[])
        .filter((path) => path.endsWith('.rs') && !/(^|\/)(tests|memory)(\/|\.rs$)/.test(path))
        .map((path) => readFileSync(`${CRATES}${place}/${path}`, 'utf8'))

const TOKEN = /\/\/[^\n]*|\br(#*)"[\s\S]*?"\1|'(?:\\.|[^\\'])'|\bb?"(?:\\[\s\S]|[^"\\])*"|"((?:\\[\s\S]|[^"\\])*)"/g
/** What is before a text that no person reads on a page: logs, what is asserted, and why a lint is not followed. */
const UNREAD = /(expect|debug|warn|info|error|panic|assert\w*|log|(?<!let )reason =)!?\(?(\s*format!\()?\s*$/

/** A sentence with its slots alike, and without the signs by which the engine strings it to others. */
const bare = (text: string): string =>
  text
    .replaceAll("'", '’')
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/(\{\})+/g, '{}')
    .replace(/^[; ]+|\s+$/g, '')

function withoutTests(rust: string): string {
  const tests = rust.search(/^#\[cfg\(test\)\]\s*\n(#\[.*\]\s*\n)*mod \w+ \{/m)
  return tests < 0 ? rust : rust.slice(0, tests)
}

/** Texts of Rust's source that read as English: two words, or a word beside a slot. */
function sentences(rust: string): string[] {
  const code = withoutTests(rust)
  return [...code.matchAll(TOKEN)]
    .filter((token) => {
      const before = code.slice(Math.max(0, token.index - 50), token.index)
      return token[2] !== undefined && (/#\[error\($/.test(before) || !UNREAD.test(before))
    })
    .map(([, , text]) => bare(text!.replace(/\\\n\s*/g, '').replaceAll('\\"', '"')))
    .filter((text) => / [a-z]{2,}|[a-z]{2,} /.test(text) && /^[\w“"`{]/.test(text))
}

/** Pieces that are only ever said within one of `joined`. */
const PIECES = [
  '{} of {}',
  '{} answered {} echo requests, in {} ms on average.',
  '{} took {} connections on TCP port {}, in {} ms on average.',
  '{} answered {} datagrams on UDP port {}.',
  'and {} more',
  'could not do it',
  'to {}',
  'wrote more than the expression can go through in the time that the probe has',
  'wrote no JSON ({})',
  'wrote no XML',
  'wrote no XML that can be read ({})',
  'wrote XML that is not nmap’s',
]
/** For programs, the server or the log. */
const NOT_SHOWN = [
  'HTTP/1.1 503 Service Unavailable\\r\\nretry-after: 1\\r\\nconnection: close\\r\\ncontent-length: 0\\r\\n\\r\\n',
  'mesh topic results',
  'mesh topic incidents',
  'Telltale {}',
  'text/plain; charset=utf8',
  'State of this agent',
  'What this agent does',
  'Run, pause, resume or break off a probe',
  'Id of the probe',
  'Behaviours in all',
  'You may control them',
  'Next run',
  'Last run',
  'Last verdict',
  'to {}: {}',
]

beforeEach(() => (language.now = 'fr'))

describe('sentences of the engine', () => {
  const engine = new Set(ROOMS.flatMap(sources).flatMap(sentences))
  const wider = [...ROOMS, ...ALSO].flatMap(sources)
  const keys = new Set([...Object.keys(written), ...Object.keys(joined)].map(bare))

  it('are all said in French', () => {
    expect(engine.size).toBeGreaterThan(250)
    const known = new Set([...keys, ...PIECES, ...NOT_SHOWN])
    expect([...engine].filter((text) => !known.has(text))).toEqual([])
  })

  it('are still in its source', () => {
    const source = new Set(wider.flatMap(sentences))
    const words = new Set([...wider.join().matchAll(/"(\w+)"/g)].map(([, word]) => word!))
    expect([...Object.keys(written)].filter((key) => !source.has(bare(key)) && !words.has(key))).toEqual([])
  })

  it('and its words for what the mesh refuses have their own', () => {
    const counted = sources('telltale-mesh/src/agent').flatMap((rust) => [...rust.matchAll(/\bcount\("(\w+)"\)/g)])
    const refused = [
      ...sources('telltale-mesh/src/message')
        .join()
        .matchAll(/Self::\w+ => "(\w+)"/g),
    ]
    const words = new Set([...counted, ...refused].map(([, word]) => word!))
    expect(words.size).toBeGreaterThan(15)
    expect([...words].filter((word) => !known(`refused.${word}`))).toEqual([])
  })

  it.each(Object.entries(french))('%s has its slots in French', (key, message) => {
    const slots = (text: string) => new Set(text.match(/\{\w+\}/g) ?? [])
    const forms = typeof message === 'string' ? [message] : Object.values(message)
    for (const form of forms) {
      for (const slot of slots(form)) expect(slots(key)).toContain(slot)
      expect(form).not.toMatch(/^\s|\s$| {2}|'|[^ ][:;!?](?!\/|\S)/)
    }
    for (const slot of slots(key)) if (slot !== '{code}') expect(slots(forms.join())).toContain(slot)
  })
})

/** Sentences as the engine's own tests have seen them. */
const SEEN: [string, string][] = [
  [
    '192.0.2.1 answered 3 of 3 echo requests, in 7.4 ms on average.',
    '192.0.2.1 a répondu à 3 pings sur 3, en 7,4 ms en moyenne.',
  ],
  ['192.0.2.1 did not answer any of 1 echo requests.', '192.0.2.1 n’a pas répondu au ping.'],
  [
    'It could not be carried out: this computer finds no address for nowhere.invalid.',
    'Impossible à exécuter : cet ordinateur ne trouve pas d’adresse pour nowhere.invalid.',
  ],
  [
    '127.0.0.1 cannot be reached: there is no way to its network.',
    '127.0.0.1 est injoignable : aucun chemin ne mène à son réseau.',
  ],
  [
    '3 resolvers say the same of www.example.org (A): 192.0.2.1, 192.0.2.2.',
    '3 annuaires disent la même chose de www.example.org (A) : 192.0.2.1, 192.0.2.2.',
  ],
  [
    'One resolver says of www.example.org (A): 192.0.2.1, 192.0.2.2, 192.0.2.3 and 2 more. 1 did not answer.',
    'Un annuaire dit de www.example.org (A) : 192.0.2.1, 192.0.2.2, 192.0.2.3 et 2 autres. 1 n’a pas répondu.',
  ],
  [
    '2 of 4 resolvers (127.0.0.1:53, system) do not say of a.example (MX) what the others do: there is no such name. 2 did not answer.',
    '2 annuaires sur 4 (127.0.0.1:53, system) ne disent pas de a.example (MX) la même chose que les autres : ce nom n’existe pas. 2 n’ont pas répondu.',
  ],
  [
    'localhost shows a certificate of CN=Good; it ends soon, in 8 days.',
    'localhost montre un certificat de CN=Good ; il expire bientôt, dans 8 jours.',
  ],
  [
    'localhost shows a certificate of CN=Office Proxy, which this computer trusts, but the public authorities do not; it is valid for 400 more days.',
    'localhost montre un certificat de CN=Office Proxy, à qui cet ordinateur fait confiance, mais pas les autorités publiques ; il est encore valable 400 jours.',
  ],
  [
    'localhost shows a certificate of CN=Good that is not trusted: a certificate has ended; it ended 1 days ago.',
    'localhost montre un certificat de CN=Good qui n’est pas digne de confiance : un certificat a expiré ; il a expiré il y a 1 jour.',
  ],
  [
    '127.0.0.1 answered as it should (status 200), with a body of 18204 octets, in 12 ms.',
    `127.0.0.1 a répondu comme il faut (statut 200), avec ${(18204).toLocaleString('fr')} octets de contenu, en 12 ms.`,
  ],
  [
    '127.0.0.1 answered by sending on to https://127.0.0.1/login (status 302), with no body, in 3.25 ms.',
    '127.0.0.1 a répondu en renvoyant vers https://127.0.0.1/login (statut 302), sans contenu, en 3,25 ms.',
  ],
  [
    'The way to 10.0.3.2 ends at 10.0.1.1 after 1 hop: a rule of the network forbids it.',
    'Le chemin vers 10.0.3.2 s’arrête chez 10.0.1.1 après 1 étape : une règle du réseau l’interdit.',
  ],
  [
    'Somebody tampers with the traffic from here: a page was exchanged, as the login page of a hotspot does; names lead to other addresses than they should. Not everything could be seen: localhost port 443 did not finish the TLS handshake in time.',
    'Quelqu’un altère le trafic d’ici : une page a été remplacée, comme le fait la page de connexion d’un Wi-Fi public ; des noms mènent à d’autres adresses que prévu. Tout n’a pas pu être vu : localhost, port 443 n’a pas terminé la négociation TLS à temps.',
  ],
  [
    'script.sh ran and ended with code 3: 2 lines.',
    'script.sh a été exécuté et s’est terminé avec le code 3 : 2 lignes.',
  ],
  [
    'nmap ran: 2 of 256 hosts are up, with 7 open ports.',
    'nmap a été exécuté : 2 machines sur 256 sont actives, avec 7 ports ouverts.',
  ],
  ['nmap wrote no XML; it said: it is late', 'nmap n’a pas écrit de XML ; il a dit : it is late'],
  [
    '43 servers of 17 companies were contacted, 9 of them measure or follow: grade D.',
    '43 serveurs de 17 entreprises ont été contactés, dont 9 mesurent ou suivent : note D.',
  ],
  [
    '/status should be a number below 300, and is 503.',
    '« statut » devrait être un nombre inférieur à 300, et est 503.',
  ],
  [
    '2 of 3 agents that reported about www.example.org, agent pi@mesh.example within 30 minutes agree: not as expected or could not be checked.',
    '2 agents sur 3 qui ont parlé de www.example.org, l’agent pi@mesh.example en 30 minutes sont d’accord : pas comme prévu ou n’a pas pu être vérifié.',
  ],
  [
    'The largest of /measured/ms over 1 hour is 80.5, above the limit of 50: probe “The router”.',
    'Le maximum de « ms » sur 1 heure : 80,5, au-dessus de la limite de 50 (la sonde « The router »).',
  ],
  [
    'Something changed about all that the rule looks at: /key_sha256 was “ab” and is a list of 3.',
    'Quelque chose a changé pour tout ce que la règle regarde : « SHA-256 de la clé » était “ab” et est une liste de 3.',
  ],
  [
    'direct to c@x/1: has the role correlator with the duty store, available, load 2, of 1 the first',
    'directement à c@x/1 : a le rôle correlator avec la tâche store, présent, charge 2, le seul possible',
  ],
  ['outbox: nobody who is there has the role correlator', 'boîte d’envoi : personne de présent n’a le rôle correlator'],
  [
    'There is no result: pi@mesh.example refuses: the owner of this computer does not let others ask for checks of the kind command.',
    'Il n’y a pas de résultat : pi@mesh.example refuse : le propriétaire de cet ordinateur ne laisse pas les autres demander des vérifications de la sorte command.',
  ],
  [
    'the server cannot be reached (localhost port 5222: Connection refused (os error 111))',
    'le serveur est injoignable (localhost, port 5222 : la connexion est refusée (111))',
  ],
  [
    '127.0.0.1:8765 cannot be listened on: Address already in use (os error 98)',
    '127.0.0.1:8765 ne peut pas être ouvert : un autre programme s’en sert déjà (98)',
  ],
  [
    'the connection broke: Connection reset by peer (os error 104)',
    'la connexion s’est rompue : la connexion a été rompue en face (104)',
  ],
  [
    'the address has a name or a password in it, which would be shown; put what it needs behind the host',
    'l’adresse contient un nom ou un mot de passe, qui seraient montrés ; mettez ce qu’il faut après le nom de la machine',
  ],
  ["a token's name has 1 to 100 letters", 'le nom d’un jeton a de 1 à 100 lettres'],
]

describe('names of facts', () => {
  const rust = ['telltale-engine/src/checks', 'telltale-engine/src/probes'].flatMap(sources).map(withoutTests).join()
  const found = [...rust.matchAll(/"([a-z][a-z0-9_]*)":|\b(?:facts|body)\["(\w+)"\]|\binsert\("(\w+)"/g)]
  const keys = new Set(found.map(([, ...key]) => key.find(Boolean)!.replaceAll('_', ' ')))

  it('are all known in French, and all found by a check', () => {
    expect(keys.size).toBeGreaterThan(80)
    expect([...keys].filter((key) => !Object.hasOwn(names, key))).toEqual([])
    expect(Object.keys(names).filter((key) => !keys.has(key) && !rust.includes(`"${key}")`))).toEqual([])
  })

  it('make a place, and what a program made up stays', () => {
    expect(place('/measured/rtt_ms/mean')).toBe('aller-retour, ms › moyenne')
    expect(place('/json/my_rooms/0')).toBe('JSON › my rooms › 0')
    expect(factName('constructor')).toBe('constructor')
    language.now = 'en'
    expect(place('/measured/rtt_ms/mean')).toBe('rtt ms › mean')
  })
})

describe('a sentence of the engine', () => {
  it.each(SEEN)('%s', (text, french) => {
    expect(said(text).replaceAll('\u00a0', ' ')).toBe(french)
    language.now = 'en'
    expect(said(text)).toBe(text)
  })

  it('stands alone with a capital and a full stop, but for names', () => {
    expect(sentence('the server does not answer')).toBe('Le serveur ne répond pas.')
    expect(sentence('chat.example has no address')).toBe('chat.example n’a pas d’adresse.')
    expect(sentence('It was broken off by hand.')).toBe('Exécution interrompue à la main.')
    expect(sentence(null)).toBe('')
  })

  it('that is none of them stays as it is', () => {
    const strange = [
      '',
      'The printer answered.',
      'tea or coffee',
      '10:30',
      '12 parsecs',
      'x'.repeat(5_000),
      'available soon',
      'a: b; c, d',
    ]
    for (const text of strange) expect(said(text)).toBe(text)
    expect(said(null)).toBe('')
  })

  it('costs little however it was chosen', () => {
    const began = performance.now()
    for (const piece of [': ', '; ', ', ', ' (', ' port ', ' answered ', 'it refuses: ', 'agent ', 'direct to '])
      said(piece.repeat(1_000 / piece.length))
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
