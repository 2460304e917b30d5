// Phones by the name they gave themselves, else by maker, else by their hardware address. These names are strangers' text.

import type { DeviceView, Joined } from '$ui/ipc/bindings'
import { plain } from '$ui/format/words'
import { t } from '$ui/i18n/language.svelte'

export function phoneName(phone: Joined): string {
  if (phone.name) return plain(phone.name, 60)
  return phone.maker
    ? t('watch.joined.maker', { maker: plain(phone.maker, 60) })
    : t('watch.joined.mac', { mac: phone.mac })
}

/** "Anna’s phone has joined"; of more than two, how many. */
export function greeting(phones: readonly Joined[]): string {
  const [one, two] = phones
  if (!one) return ''
  if (!two) return t('watch.joined.one', { name: phoneName(one) })
  if (phones.length === 2) return t('watch.joined.two', { name: phoneName(one), other: phoneName(two) })
  return t('watch.joined.many', { n: phones.length })
}

/** "Hotspot (wlan0)". */
export const deviceName = (device: DeviceView): string =>
  `${t(`watch.kind.${device.kind}`)} (${plain(device.name, 40)})`
