// What a live audit is going to be, as a person chooses it step by step. Kept while the window lives, so that looking elsewhere
// loses nothing; what is chosen is turned into the engine's request here and nowhere else.

import type { Connection, DeviceKind, DeviceView, HotspotView, LiveRequest, Recording } from '$ui/ipc/bindings'
import type { Key } from '$ui/i18n/message'
import { FilterCheck } from './filter.svelte'
import { LEAST_PORT, isPhoneUrl, notAnAddress, whole, words } from './typed'

export const WAYS = ['hotspot', 'device', 'system', 'phone', 'probe'] as const
export type Way = (typeof WAYS)[number]
export const DOORS = ['tcp', 'udp', 'http', 'file'] as const
export type Door = (typeof DOORS)[number]
export type Whom = 'all' | 'phones' | 'expression'

/** Seconds to choose from; `null` is by hand. */
export const DURATIONS = [null, 300, 900, 3_600, 28_800] as const
/** A week. */
const MOST_MINUTES = 10_080
const CONNECTIONS: Record<DeviceKind, Connection> = {
  hotspot: 'hotspot',
  wifi: 'wifi',
  ethernet: 'ethernet',
  usb_tether: 'usb',
  bluetooth: 'other',
  vpn: 'other',
  virtual: 'other',
  loopback: 'other',
}

export class Plan {
  /** What the person chose, else what the page proposes. */
  way = $state<Way | null>(null)
  proposed = $state<Way>('hotspot')
  readonly going = $derived(this.way ?? this.proposed)
  hotspot = $state.raw<HotspotView | null>(null)
  chosen = $state<string | null>(null)
  devices = $state.raw<readonly DeviceView[]>([])

  door = $state<Door>('tcp')
  bind = $state('')
  port = $state('1234')
  url = $state('')

  whom = $state<Whom>('all')
  /** MAC addresses. */
  phones = $state.raw<readonly string[]>([])
  typed = $state('')
  readonly filter = new FilterCheck()

  name = $state('')
  notes = $state('')
  #connection = $state<Connection | null>(null)
  duration = $state<number | null | 'own'>(null)
  minutes = $state('30')
  recording = $state<Recording | null>(null)

  /** Network device of this computer on which is watched; `null` while there is none, or the phone captures itself. */
  readonly device = $derived.by(() => {
    if (this.going === 'hotspot') return this.hotspot?.ready ? this.hotspot.device : null
    if (this.going !== 'device' && this.going !== 'system') return null
    const here = (name: string | null) => this.devices.some((one) => one.name === name)
    return here(this.chosen) ? this.chosen : (this.devices.find((one) => one.likely)?.name ?? null)
  })
  readonly view = $derived(this.devices.find((one) => one.name === this.device) ?? null)

  /** Seconds; `undefined` while the person's own number is none. */
  readonly seconds = $derived.by(() => {
    if (this.duration !== 'own') return this.duration
    const minutes = whole(this.minutes, 1, MOST_MINUTES)
    return minutes === null ? undefined : minutes * 60
  })

  /** Where the phone's own capture arrives, or is fetched. */
  readonly address = $derived.by(() => {
    if (this.door === 'http') return this.url.trim()
    return this.bind.includes(':') ? `[${this.bind}]:${this.port}` : `${this.bind}:${this.port}`
  })

  get connection(): Connection {
    if (this.#connection) return this.#connection
    if (this.going === 'hotspot') return 'hotspot'
    return this.going === 'phone' ? 'wifi' : CONNECTIONS[this.view?.kind ?? 'loopback']
  }

  set connection(connection: Connection) {
    this.#connection = connection
  }

  /** What has to be done before anything can be watched, first things first. */
  readonly need = $derived.by((): Key | null => {
    if (this.going === 'probe') return 'watch.need.probe'
    if (this.going === 'hotspot' && !this.device) return 'watch.need.hotspot'
    if (this.going === 'phone') return this.#needOfDoor() ?? this.#needOfTime()
    if (!this.device) return 'watch.need.device'
    if (this.whom === 'phones') {
      if (this.phones.length + words(this.typed).length === 0 || notAnAddress(this.typed)) return 'watch.need.phones'
    }
    if (this.whom === 'expression' && !this.filter.good) return 'watch.need.filter'
    return this.#needOfTime()
  })

  #needOfDoor(): Key | null {
    if (this.door === 'file') return 'watch.need.file'
    if (this.door === 'http') return isPhoneUrl(this.url) ? null : 'watch.need.url'
    return this.bind && whole(this.port, LEAST_PORT, 65_535) !== null ? null : 'watch.need.bind'
  }

  #needOfTime(): Key | null {
    return this.seconds === undefined ? 'watch.need.duration' : null
  }

  toggle(mac: string): void {
    this.phones = this.phones.includes(mac) ? this.phones.filter((one) => one !== mac) : [...this.phones, mac]
  }

  /** Another device has other phones. */
  choose(device: string): void {
    if (device !== this.device) this.phones = []
    this.chosen = device
  }

  /** What the engine is asked for, once nothing is missing. */
  request(usual: Recording): LiveRequest {
    return {
      source: this.#source(),
      filter: this.#filter(),
      name: this.name.trim(),
      description: this.notes.trim(),
      connection: this.connection,
      duration_s: this.seconds ?? null,
      recording: this.recording ?? usual,
    }
  }

  #source(): LiveRequest['source'] {
    if (this.going !== 'phone' || this.door === 'file') return { kind: 'device', name: this.device ?? '' }
    if (this.door === 'http') return { kind: 'http', url: this.url.trim() }
    return { kind: this.door, bind: this.bind, port: whole(this.port, LEAST_PORT, 65_535) ?? 0 }
  }

  #filter(): LiveRequest['filter'] {
    if (this.going === 'phone' || this.whom === 'all') return { kind: 'all' }
    if (this.whom === 'expression') return { kind: 'expression', expression: this.filter.text.trim() }
    return { kind: 'phones', phones: [...this.phones, ...words(this.typed)] }
  }

  /** It has begun: the next audit has its own name and notes. */
  begun(): void {
    this.name = ''
    this.notes = ''
  }
}

const plans = new WeakMap<object, Plan>()

/** The plan of a window. */
export function planOf(window: object): Plan {
  const plan = plans.get(window) ?? new Plan()
  plans.set(window, plan)
  return plan
}
