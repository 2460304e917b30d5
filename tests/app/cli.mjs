// What the terminal says of a capture: the window must say the same.

import { execFileSync } from 'node:child_process'

/** The audit of a capture as `telltale-cli` gives it. */
export function audit(path) {
  const told = execFileSync(process.env.TELLTALE_CLI, ['audit', path, '--json', '-', '--sha256'], {
    maxBuffer: 1 << 28,
  })
  return JSON.parse(told)
}
