// What a person types on the way to a live audit: addresses, a network's name and password, a port, an address of the phone.
// Pure; the engine checks all of it again.

import type { Key } from '$ui/i18n/message'

const FOUR = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$|\/)|(?=$|\/))){4}(?:\/(?:3[0-2]|[12]?\d))?$/
const MAC = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i

/** IP version 6, with or without a prefix; the browser's own parser of addresses judges. */
function six(text: string): boolean {
  const [address, prefix, more] = text.split('/')
  if (more !== undefined || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= 128))) return false
  if (!address?.includes(':') || !/^[0-9a-f:.]+$/i.test(address)) return false
  return URL.canParse(`http://[${address}]/`)
}

/** The words of a field of addresses. */
export const words = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)

/** The first word that is neither address, network nor MAC address. */
export const notAnAddress = (text: string): string | null =>
  words(text).find((word) => !FOUR.test(word) && !MAC.test(word) && !six(word)) ?? null

/** IEEE 802.11: a name of 1 to 32 octets, a password of 8 to 63 printable ASCII characters. */
export function wishFault(ssid: string, password: string): Key | null {
  if (ssid.length === 0) return 'watch.hotspot.ssid.empty'
  if (new TextEncoder().encode(ssid).length > 32) return 'watch.hotspot.ssid.long'
  if (!/^[ -~]*$/.test(password)) return 'watch.hotspot.password.odd'
  if (password.length < 8) return 'watch.hotspot.password.short'
  return password.length > 63 ? 'watch.hotspot.password.long' : null
}

/** A whole number within a range, or nothing. */
export function whole(text: string, least: number, most: number): number | null {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN
  return value >= least && value <= most ? value : null
}

/** Ports below are the system's own. */
export const LEAST_PORT = 1_024

/** An address on which a door may stand: the loopback or a local network, as the engine holds it; link-local ones of IPv6 need a
 * scope that a phone does not know. */
export const isLocal = (address: string): boolean =>
  /^(10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^::1$|^f[cd][0-9a-f]{2}:/i.test(address)

/** The address at which the phone's own server stands: in numbers, since names are not looked up. */
export function isPhoneUrl(text: string): boolean {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null
  return url?.protocol === 'http:' && /^(\d+\.\d+\.\d+\.\d+|\[.*\])$/.test(url.hostname) && !/[?#\s]/.test(text.trim())
}
