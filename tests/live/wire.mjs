// Two namespaces and one wire between them: what is sent into one end is all that ever comes out of the other.

import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })

/** Builds a wire; `name` tells those apart that stand at the same time. The receiving end is called `tt-in0`. */
export function openWire(name) {
  const [from, to] = [`tell-${name}-from`, `tell-${name}-to`]
  const remove = () => {
    for (const namespace of [from, to]) {
      try {
        ip('netns', 'del', namespace)
      } catch {
        // It is not there.
      }
    }
  }
  remove()
  for (const namespace of [from, to]) {
    ip('netns', 'add', namespace)
    // The system's own IPv6 chatter would be counted as packets that nobody sent.
    const quiet = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']
    ip('netns', 'exec', namespace, 'sysctl', '-qw', ...quiet)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
  }
  ip('link', 'add', 'tt-out0', 'netns', from, 'type', 'veth', 'peer', 'name', 'tt-in0', 'netns', to)
  for (const [namespace, device] of [
    [from, 'tt-out0'],
    [to, 'tt-in0'],
  ]) {
    // No joined segments: one packet sent is one packet seen.
    for (const what of ['gro', 'gso', 'tso']) ip('netns', 'exec', namespace, 'ethtool', '-K', device, what, 'off')
    ip('-n', namespace, 'link', 'set', device, 'up')
  }
  const inside = (command) => ['ip', 'netns', 'exec', to, ...command]
  return { device: 'tt-in0', inside, remove, send: (file, how) => send(from, file, how) }
}

/** Sends a capture with tcpreplay, from memory; gives how many packets went out, as tcpreplay counts. */
async function send(namespace, file, { pps, packets, loops = 1 }) {
  const how = ['-q', '-K', '-i', 'tt-out0', `--pps=${pps}`, `--loop=${loops}`]
  if (packets) how.push(`--limit=${packets}`)
  const { stdout, stderr } = await run('ip', ['netns', 'exec', namespace, 'tcpreplay', ...how, file])
  const told = stdout + stderr
  const number = (pattern) => Number(told.match(pattern)?.[1])
  return {
    packets: number(/Successful packets:\s+(\d+)/),
    failed: number(/Failed packets:\s+(\d+)/),
    pps: number(/,\s+([\d.]+) pps/),
  }
}
