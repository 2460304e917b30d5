// NetworkManager as python-dbusmock plays it, on a bus of its own, for windows that are to make a hotspot without a radio.

import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { repo } from './window.mjs'

const run = promisify(execFile)
const TEMPLATE = repo('src-tauri/crates/telltale-hotspot/tests/mock/networkmanager.py')
const NAME = 'org.freedesktop.NetworkManager'
const ROOT = '/org/freedesktop/NetworkManager'
const DISCONNECTED = 30
const ACTIVATED = 100
/** Wi-Fi device that can be an access point, at 2.4 and 5 GHz (NM_802_11_DEVICE_CAP_*). */
const ACCESS_POINT = 0x747
/** A bus that any user may come to: the window is not run by root. */
const CONFIG = (folder) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow send_type="signal"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
`

/** A computer with a cable into the internet, and an idle Wi-Fi device of this name. */
export async function playManager(device) {
  const folder = await mkdtemp(join(tmpdir(), 'telltale-bus-'))
  await run('chmod', ['755', folder])
  await writeFile(join(folder, 'bus.conf'), CONFIG(folder))
  const daemon = spawn(
    'dbus-daemon',
    [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--nopidfile', '--print-address'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const address = await new Promise((done) => createInterface({ input: daemon.stdout }).once('line', done))
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address }
  const played = spawn(
    '/usr/bin/python3',
    ['-B', '-m', 'dbusmock', '--system', '--template', TEMPLATE, '--parameters', '{}'],
    {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const ask = async (path, method, ...args) =>
    (await run('dbus-send', [`--bus=${address}`, '--print-reply', `--dest=${NAME}`, path, method, ...args])).stdout
  const mock = (method, ...args) => ask(ROOT, `org.freedesktop.DBus.Mock.${method}`, ...args)
  const end = async () => {
    for (const process of [played, daemon]) process.kill()
    await rm(folder, { recursive: true, force: true })
  }
  for (let waits = 0; ; waits += 1) {
    const there = await mock('Deactivated').catch((error) => (waits < 200 ? null : Promise.reject(error)))
    if (there) break
    await sleep(50)
  }
  await mock('AddEthernetDevice', 'string:wan0', 'string:wan0', `int32:${ACTIVATED}`)
  await mock('AddWiFiDevice', 'string:wifi0', `string:${device}`, `int32:${DISCONNECTED}`)
  const wireless = `string:${NAME}.Device.Wireless WirelessCapabilities`
  await mock('SetOf', `string:${ROOT}/Devices/wifi0`, wireless, `variant:uint32:${ACCESS_POINT}`)
  return {
    address,
    end,
    /** What was asked of it last: the settings of a hotspot. */
    request: async () => JSON.parse((await mock('LastRequest')).match(/string "(.*)"/s)[1]),
    /** How often a hotspot was ended. */
    ended: async () => Number((await mock('Deactivated')).match(/uint32 (\d+)/)[1]),
  }
}
