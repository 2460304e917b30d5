// Captures that the tests make themselves: one of hostile names, one too long to be read at once.

import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { EXAMPLE } from './window.mjs'

const PHONE = [192, 168, 1, 20]
const SERVER = [203, 0, 113, 5]
const be16 = (n) => [n >> 8, n & 255]
const be32 = (n) => [...be16(n >>> 16), ...be16(n & 0xffff)]

/** An Ethernet frame of IPv4 (RFC 791) around `body`; checksums are left empty, as offloading leaves them. */
function frame(from, to, protocol, body) {
  const ip = [0x45, 0, ...be16(20 + body.length), 0, 0, 0, 0, 64, protocol, 0, 0, ...from, ...to]
  return Buffer.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, ...ip, ...body])
}

/** A TCP segment of the phone's flow (RFC 9293). */
function segment(up, flags, at, text = '') {
  const [source, target] = up ? [40_000, 80] : [80, 40_000]
  const head = [...be16(source), ...be16(target), ...be32(at), ...be32(1), 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]
  return frame(up ? PHONE : SERVER, up ? SERVER : PHONE, 6, [...head, ...Buffer.from(text)])
}

/** A DNS answer (RFC 1035) that gives the server's address to a name. */
function answer(name) {
  const labels = name.split('.').flatMap((label) => [Buffer.byteLength(label), ...Buffer.from(label)])
  const question = [...labels, 0, 0, 1, 0, 1]
  const dns = [0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, ...question, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, ...SERVER]
  return frame([192, 168, 1, 1], PHONE, 17, [...be16(53), ...be16(50_000), ...be16(8 + dns.length), 0, 0, ...dns])
}

/** Writes a pcap in which everything that a stranger can choose is chosen badly. */
export function hostile(path, { host, agent, name }) {
  const frames = [
    answer(name),
    segment(true, 0x02, 0),
    segment(false, 0x12, 0),
    segment(true, 0x10, 1),
    segment(true, 0x18, 1, `GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\n\r\n`),
    segment(false, 0x18, 1, 'HTTP/1.1 204 No Content\r\n\r\n'),
  ]
  const file = [Buffer.alloc(24)]
  file[0].writeUInt32LE(0xa1b2c3d4, 0)
  file[0].writeUInt16LE(2, 4)
  file[0].writeUInt16LE(4, 6)
  file[0].writeUInt32LE(65_535, 16)
  file[0].writeUInt32LE(1, 20)
  frames.forEach((data, i) => {
    const head = Buffer.alloc(16)
    head.writeUInt32LE(1_700_000_000 + i, 0)
    head.writeUInt32LE(data.length, 8)
    head.writeUInt32LE(data.length, 12)
    file.push(head, data)
  })
  writeFileSync(path, Buffer.concat(file))
}

/**
 * Writes a capture that takes seconds to read on any machine and little room on the disk: the example, then `packets` more of a few
 * flows, packed with gzip in members that are all alike. Few rows come of it, so that each step is stored at once.
 */
export function long(path, packets) {
  const packet = segment(true, 0x02, 0)
  const padded = Math.ceil(packet.length / 4) * 4
  // An Enhanced Packet Block (pcapng draft, 4.3) of the first interface, at the example's time.
  const block = Buffer.alloc(32 + padded)
  const example = readFileSync(EXAMPLE)
  let first = 0
  while (example.readUInt32LE(first) !== 6) first += example.readUInt32LE(first + 4)
  example.copy(block, 12, first + 12, first + 20)
  block.writeUInt32LE(6, 0)
  for (const at of [4, block.length - 4]) block.writeUInt32LE(block.length, at)
  for (const at of [20, 24]) block.writeUInt32LE(packet.length, at)
  packet.copy(block, 28)

  // The phone's port makes each flow another one; all of them lie within gzip's window, so a member packs to almost nothing.
  const flows = Buffer.alloc(block.length * FLOWS, block)
  for (let i = 0; i < FLOWS; i += 1) flows.writeUInt16BE(10_000 + i, i * block.length + 28 + 34)
  const member = gzipSync(Buffer.alloc(flows.length * TURNS, flows))

  const file = openSync(path, 'w')
  writeSync(file, gzipSync(example))
  for (let written = 0; written < packets; written += FLOWS * TURNS) writeSync(file, member)
  closeSync(file)
}

const FLOWS = 200
const TURNS = 2_000
