// How purposes look: one icon each, one colour for each group.

import BadgeCheck from '@lucide/svelte/icons/badge-check'
import Bug from '@lucide/svelte/icons/bug'
import ChartNoAxesColumn from '@lucide/svelte/icons/chart-no-axes-column'
import CircleQuestionMark from '@lucide/svelte/icons/circle-question-mark'
import Cloud from '@lucide/svelte/icons/cloud'
import Factory from '@lucide/svelte/icons/factory'
import FlaskConical from '@lucide/svelte/icons/flask-conical'
import Footprints from '@lucide/svelte/icons/footprints'
import KeyRound from '@lucide/svelte/icons/key-round'
import Link from '@lucide/svelte/icons/link'
import Lock from '@lucide/svelte/icons/lock'
import Megaphone from '@lucide/svelte/icons/megaphone'
import Ruler from '@lucide/svelte/icons/ruler'
import Share2 from '@lucide/svelte/icons/share-2'
import Smartphone from '@lucide/svelte/icons/smartphone'
import UserSearch from '@lucide/svelte/icons/user-search'
import Waypoints from '@lucide/svelte/icons/waypoints'
import type { Purpose, PurposeGroup } from '$ui/ipc/bindings'

type Icon = typeof Bug

export const PURPOSE_ICON: Record<Purpose, Icon> = {
  service: BadgeCheck,
  system: Smartphone,
  delivery: Cloud,
  security: KeyRound,
  resolver: Lock,
  tunnel: Waypoints,
  crash: Bug,
  analytics: ChartNoAxesColumn,
  engagement: FlaskConical,
  telemetry: Factory,
  attribution: Link,
  advertising: Megaphone,
  profiling: UserSearch,
  social: Share2,
  unknown: CircleQuestionMark,
}

export const GROUP_ICON: Record<PurposeGroup, Icon> = {
  needed: BadgeCheck,
  measures: Ruler,
  follows: Footprints,
  unknown: CircleQuestionMark,
}

export const GROUPS: readonly PurposeGroup[] = ['follows', 'measures', 'needed', 'unknown']

export const PURPOSES: Record<PurposeGroup, readonly Purpose[]> = {
  needed: ['service', 'system', 'delivery', 'security', 'resolver', 'tunnel'],
  measures: ['crash', 'analytics', 'engagement', 'telemetry'],
  follows: ['attribution', 'advertising', 'profiling', 'social'],
  unknown: ['unknown'],
}

export function groupOf(purpose: Purpose): PurposeGroup {
  return GROUPS.find((group) => PURPOSES[group].includes(purpose)) ?? 'unknown'
}
