// The fake's settings and data sets.

import type { DataSetView, PandoreSettings } from '../bindings'

export const PANDORE: PandoreSettings = {
  reference_pause_s: 15,
  reference_rate_mib_s: 0.1,
  reference_servers: 50,
  weight_pause: 1,
  weight_rate: 1,
  weight_servers: 1,
  slope: 1,
  harmonic: false,
}

const set = (key: string, name: string, licence: string, attribution: string, rows: number): DataSetView => ({
  key,
  name,
  version: '2.3.2026061719',
  date: '2026-06-17',
  licence,
  attribution,
  homepage: 'https://example.org',
  rows,
})

export const DATA_SETS: DataSetView[] = [
  set('catalogue', 'Telltale’s own catalogue', 'GPL-3.0-or-later', 'The authors of Telltale', 1_562),
  set('asn', 'ip-location-db: networks and their owners', 'CC-BY-4.0', 'RouteViews, DB-IP', 512_000),
  set('country', 'ip-location-db: country of registration', 'CC0-1.0', 'Geofeed, Whois and ASN data', 384_000),
  set('third-party-web', 'Third Party Web', 'MIT', 'Patrick Hulce', 2_240),
]
