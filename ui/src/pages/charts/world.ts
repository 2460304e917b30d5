// Loads the map of the world once, when a chart first needs it.

import type { Geometry, Position } from 'geojson'
import type { Topology } from 'topojson-specification'
import { CODES } from './lands'

let loading: Promise<void> | undefined

export function loadWorld(): Promise<void> {
  return (loading ??= load())
}

async function load(): Promise<void> {
  const [{ feature }, atlas, { registerMap }] = await Promise.all([
    import('topojson-client'),
    import('world-atlas/countries-110m.json'),
    import('$ui/parts/chart/draw'),
  ])
  const topology = atlas.default as unknown as Topology
  const countries = feature(topology, topology.objects.countries!)
  const features = 'features' in countries ? countries.features : [countries]
  const drawn = features.filter((one) => one.id !== ANTARCTICA)
  const named = drawn.map((one) => ({
    ...one,
    geometry: unwrapped(one.geometry),
    properties: { name: CODES.get(String(one.id ?? '')) ?? `x${one.id ?? one.properties?.name}` },
  }))
  registerMap('world', { type: 'FeatureCollection', features: named } as unknown as Parameters<typeof registerMap>[1])
}

const ANTARCTICA = '010'

/** Rings that cross the 180th meridian go on beyond it (Russia, Fiji), instead of across the whole map. */
function unwrapped(geometry: Geometry): Geometry {
  if (geometry.type === 'Polygon') return { ...geometry, coordinates: geometry.coordinates.map(ring) }
  if (geometry.type !== 'MultiPolygon') return geometry
  return { ...geometry, coordinates: geometry.coordinates.map((polygon) => polygon.map(ring)) }
}

function ring(points: Position[]): Position[] {
  const crosses = points.some((point, i) => i > 0 && Math.abs(point[0]! - points[i - 1]![0]!) > 180)
  return crosses ? points.map(([x, y]) => [x! < 0 ? x! + 360 : x!, y!]) : points
}
