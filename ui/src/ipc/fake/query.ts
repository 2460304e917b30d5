// Search, filters and order over the fake rows, as the store would do it.

import type { FlowPage, FlowRow, Server, ServerPage, TableQuery } from '../bindings'
import { belongs } from './named'
import { flowsOf } from './rows'

type Field = string | number | null

const SERVER: Record<string, (row: Server) => Field> = {
  name: (row) => row.name ?? row.addresses[0]!,
  company: (row) => row.owner.company,
  service: (row) => row.owner.service,
  purpose: (row) => row.owner.purpose,
  country: (row) => row.owner.country,
  sent_bytes: (row) => row.sent_bytes,
  received_bytes: (row) => row.received_bytes,
  flows: (row) => row.flows,
  first: (row) => row.first,
  last: (row) => row.last,
}

const FLOW: Record<string, (row: FlowRow) => Field> = {
  name: ({ flow }) => flow.name ?? flow.responder.address,
  company: (row) => row.company,
  purpose: (row) => row.purpose,
  app: (row) => row.app,
  protocol: ({ flow }) => flow.protocol,
  sent_bytes: ({ flow }) => flow.from_initiator.ip_bytes,
  received_bytes: ({ flow }) => flow.from_responder.ip_bytes,
  first: ({ flow }) => flow.first,
  last: ({ flow }) => flow.last,
}

function ordered<T>(rows: T[], field: ((row: T) => Field) | undefined, descending: boolean): T[] {
  if (!field) return rows
  const sign = descending ? -1 : 1
  return rows.sort((a, b) => {
    const [x, y] = [field(a), field(b)]
    if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0)
    return x < y ? -sign : x > y ? sign : 0
  })
}

function matches(row: Server, query: TableQuery): boolean {
  const { purposes, clear_text, unnamed } = query.filter
  const text = [row.name, ...row.addresses, row.owner.company, row.owner.service].join(' ').toLowerCase()
  return (
    (purposes.length === 0 || purposes.includes(row.owner.purpose)) &&
    (!clear_text || row.clear_text_bytes > 0) &&
    (!unnamed || row.name === null) &&
    (query.company === null || (row.owner.company ?? row.owner.organisation ?? '') === query.company) &&
    (query.country === null || (row.owner.country ?? '') === query.country) &&
    (query.device === null || row.device === query.device) &&
    (query.server === null || row.id === query.server) &&
    belongs(row, query.app) &&
    text.includes(query.search.toLowerCase())
  )
}

let kept: { key: string; rows: Server[] } = { key: '', rows: [] }

export function answerServers(rows: readonly Server[], query: TableQuery): ServerPage {
  const key = JSON.stringify({ ...query, offset: 0, limit: 0 })
  if (kept.key !== key) {
    kept = {
      key,
      rows: ordered(
        rows.filter((row) => matches(row, query)),
        SERVER[query.sort],
        query.descending,
      ),
    }
  }
  return { total: kept.rows.length, rows: kept.rows.slice(query.offset, query.offset + query.limit) }
}

/** Flows of the first thousand servers: enough to look at. */
export function answerFlows(rows: readonly Server[], query: TableQuery): FlowPage {
  const found = rows.slice(0, 1_000).filter((row) => matches(row, query))
  const flows = ordered(
    found.flatMap((row) => flowsOf(row, row.id * 20)),
    FLOW[query.sort],
    query.descending,
  )
  return { total: flows.length, rows: flows.slice(query.offset, query.offset + query.limit) }
}
