/** Loaded before a program by `--import`: writes what its process used, once it ends, to the file in BENCH_USAGE. */
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'

const file = process.env['BENCH_USAGE']

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  if (file) writeFileSync(file, JSON.stringify({ cpuMicroseconds: user + system, peakKiB: peakKiB() }))
})

/** On Linux `maxRSS` begins with what the process that started this one used, even after another program was loaded. */
function peakKiB() {
  try {
    const own = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))
    if (own) return Number(own[1])
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS
}
