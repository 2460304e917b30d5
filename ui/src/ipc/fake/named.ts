// Which apps contacted which of the fake's servers: by the capture's marks, or (`?apps=none`, then imported; `?apps=iphone`,
// imported already) by the phone's own report.

import type { Basis, Server, ServerApp } from '../bindings'
import { wish } from './wish'

export type Named = {
  key: string
  label: string | null
  package: string | null
  basis: Basis
  of: (server: Server) => boolean
}

const MARKED = ['YouTube', 'WhatsApp', 'Le Monde', 'TikTok', 'Google Play services']

export const marks = !['none', 'iphone'].includes(wish('apps'))
export const report = { imported: wish('apps') === 'iphone' }

const marked: Named[] = MARKED.map((label, id) => ({
  key: `uid:${10_000 + id}`,
  label,
  package: null,
  basis: 'observed',
  of: (server) => server.id % 5 === id,
}))

const bundle = (id: string, label: string | null, of: Named['of']): Named => ({
  key: `ios:${id}`,
  label,
  package: id,
  basis: 'inferred',
  of: (server) => server.name !== null && of(server),
})

const reported: Named[] = [
  bundle('com.burbn.instagram', 'Instagram', ({ id }) => id % 4 === 1),
  bundle('com.apple.mobilesafari', 'Safari', ({ id }) => id % 5 === 2),
  bundle('fr.example.meteo', null, ({ id }) => id % 6 === 1),
  bundle('org.example.puzzle.with.a.long.name', null, ({ id }) => id % 7 === 3),
  bundle('com.apple.camera', 'Camera', () => false),
]

/** The apps that are known at the moment. */
export const named = (): Named[] => [...(marks ? marked : []), ...(report.imported ? reported : [])]

const short = (app: Named) => app.label ?? app.package ?? ''

/** The apps of one server, for its page. */
export const appsOf = (server: Server): ServerApp[] =>
  named()
    .filter((app) => app.of(server))
    .map((app) => ({
      key: app.key,
      name: short(app),
      basis: app.basis,
      flows: app.basis === 'observed' ? server.flows : 0,
    }))

/** What a flow says of its app: its mark, else the only one that the report has. */
export function flowApp(server: Server): { app: string | null; app_basis: Basis | null } {
  const apps = named().filter((app) => app.of(server))
  const mark = apps.find((app) => app.basis === 'observed')
  const found = mark ?? (apps.length === 1 ? apps[0] : undefined)
  return found ? { app: short(found), app_basis: found.basis } : { app: null, app_basis: null }
}

/** Whether a server belongs to the app of a key. */
export const belongs = (server: Server, key: string | null): boolean =>
  key === null ||
  (named()
    .find((app) => app.key === key)
    ?.of(server) ??
    false)
