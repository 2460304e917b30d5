import { describe, expect, it } from 'vitest'
import { isLocal, isPhoneUrl, notAnAddress, whole, wishFault, words } from './typed'

describe('what is typed', () => {
  it.each(['10.42.0.17', '10.0.0.0/24', '2a01:e0a::17', 'fd00::/8', '16:cb:33:1a:9d:02', '16-CB-33-1a-9d-02', ' '])(
    'takes %s for an address',
    (text) => expect(notAnAddress(text)).toBeNull(),
  )

  it.each(['phone', '10.42.0', '10.42.0.256', '1.2.3.4/33', '1.2.3.4/', 'fd00::/129', '16:cb:33:1a:9d', '::g', '1:2'])(
    'takes %s for none',
    (text) => expect(notAnAddress(`10.0.0.1 ${text}`)).toBe(text),
  )

  it('cuts words at spaces, commas and semicolons', () => expect(words(' a, b;c\n d ')).toEqual(['a', 'b', 'c', 'd']))

  it('holds names and passwords of Wi-Fi to what the standard allows', () => {
    expect(wishFault('Telltale-7F3K', 'kmw4-7hza-p9dt-x3rb')).toBeNull()
    expect(wishFault('', '12345678')).toBe('watch.hotspot.ssid.empty')
    expect(wishFault('é'.repeat(17), '12345678')).toBe('watch.hotspot.ssid.long')
    expect(wishFault('a', '1234567')).toBe('watch.hotspot.password.short')
    expect(wishFault('a', 'f'.repeat(64))).toBe('watch.hotspot.password.long')
    expect(wishFault('a', 'motdepassé')).toBe('watch.hotspot.password.odd')
  })

  it('takes whole numbers within a range', () => {
    expect(whole(' 1234 ', 1_024, 65_535)).toBe(1234)
    for (const text of ['', '0', '80', '65536', '12.5', '1e3', '-5', '9999999'])
      expect(whole(text, 1_024, 65_535)).toBeNull()
  })

  it('opens a door on local addresses alone', () => {
    for (const text of ['10.42.0.1', '127.0.0.1', '172.16.0.1', '192.168.1.2', '169.254.1.1', '::1', 'fd12:3456::1'])
      expect(isLocal(text), text).toBe(true)
    for (const text of ['8.8.8.8', '172.32.0.1', '100.64.0.1', '2a01:e0a::1', 'fe80::1', '110.1.1.1'])
      expect(isLocal(text), text).toBe(false)
  })

  it('knows the address that PCAPdroid shows', () => {
    for (const text of ['http://192.168.1.23:8080/', 'http://10.0.0.5:8080', ' HTTP://[fd00::5]:8080/ '])
      expect(isPhoneUrl(text), text).toBe(true)
    for (const text of ['', '192.168.1.23:8080', 'https://192.168.1.23/', 'http://phone:8080/', 'http://1.2.3.4/?a=1'])
      expect(isPhoneUrl(text), text).toBe(false)
  })
})
