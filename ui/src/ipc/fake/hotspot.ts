// A hotspot that can be made, or cannot: `?hotspot=ok|standing|slept|no_wifi|no_ap|in_use|no_nm|off|switch|not_allowed|no_upstream`;
// `?hotspot_error=KEY` lets the making fail.

import type { Backend } from '../backend'
import type { HotspotView, QrCode, WhyNot } from '../bindings'
import { fail, pause, wish } from './wish'

const HOW = wish('hotspot', 'ok')
const SSID = 'Telltale-7F3K'
const PASSWORD = 'kmw4-7hza-p9dt-x3rb'
const WHY: Record<string, WhyNot[]> = {
  no_wifi: ['no_wifi'],
  no_ap: ['no_access_point_mode'],
  in_use: ['only_wifi_is_in_use'],
  no_nm: ['no_network_manager'],
  off: ['wifi_off'],
  switch: ['hardware_switch'],
  not_allowed: ['not_allowed'],
  no_upstream: ['no_upstream'],
}

/** The code of the proposed name and password, made by the engine's own crate: one hexadecimal number a row. */
const CODE =
  '1fd2a8a7f 105ae6d41 1755c0a5d 174b55c5d 175f3895d 104efaa41 1fd55557f 5b4b00 13fb49997 16bbbc47e 9ee83657 ' +
  'ea6a66e7 16f3aa7bb 103c714e 7edaf282 b851e32 18f624f3c 121e3953a 17e84f470 1093e0faa 10d67641a 1d2c8006f 12df4b573 ' +
  '12b5e71da 1ee655bf9 120a31f 1fd428750 10554e91e 1750f93f1 17501c144 174c6710b 104ecb156 1fd46ff4e'

export function code(): QrCode {
  const lines = CODE.split(' ')
  const bits = lines.map((line) => parseInt(line, 16).toString(2).padStart(lines.length, '0'))
  return { size: lines.length, modules: [...bits.join('')].map((bit) => bit === '1') }
}

const made = (ready: boolean, ssid = SSID, password = PASSWORD): HotspotView => ({
  device: 'wlan0',
  ssid,
  password,
  qr: code(),
  ready,
  ended: null,
})

let stands: HotspotView | null = HOW === 'standing' ? made(true) : null
if (HOW === 'slept') stands = { ...made(false), ended: 'sleep' }

export const hotspot = {
  hotspot_check: async () => {
    await pause(40)
    const why = WHY[HOW] ?? []
    const none = HOW === 'no_wifi' || HOW === 'no_nm'
    return {
      possible: why.length === 0 || HOW === 'no_upstream',
      why,
      ssid: SSID,
      password: PASSWORD,
      devices: none
        ? []
        : [
            { name: 'wlan0', product: 'Intel Wi-Fi 6 AX200', access_point: HOW !== 'no_ap', band5: true, connected_to: HOW === 'in_use' || HOW === 'busy' ? 'Livebox-4A21' : null },
            { name: 'wlan1', product: 'TP-Link Archer T2U', access_point: false, band5: false, connected_to: null },
          ], // prettier-ignore
    }
  },
  hotspot_start: async (asked) => {
    await pause(300)
    const key = wish('hotspot_error')
    if (key) fail('hotspot', 'the hotspot failed (reason 39)', key)
    stands = made(false, asked.ssid, asked.password)
    void pause(Number(wish('making', '1500'))).then(
      () => stands?.ended === null && (stands = { ...stands, ready: true }),
    )
    return stands
  },
  hotspot_stop: async () => {
    await pause(200)
    if (stands) stands = { ...stands, ready: false, ended: 'stopped' }
  },
  hotspot: async () => stands,
} satisfies Partial<Backend>
