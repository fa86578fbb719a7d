/**
 * Takes a lock again and again, in turn with others, and says `taken` each time; now and then it is killed while it has
 * the lock. Says `two` if somebody else has it at the same time.
 */
import { rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { systemHost } from '../runtime/host/host.ts'
import { takeLock } from '../runtime/host/process_lock.ts'

const [file = '', mode = 'turns', times = '1'] = process.argv.slice(2)
const host = systemHost()

for (let taken = 0; taken < Number(times); ) {
  const lock = takeLock(host, file)
  if ('release' in lock) {
    taken += 1
    try {
      writeFileSync(`${file}.inside`, '', { flag: 'wx' })
    } catch {
      process.stdout.write('two\n')
    }
    process.stdout.write('taken\n')
    if (mode === 'exit') process.exit()
    if (mode === 'hold') await setTimeout(60_000)
    await setTimeout(Math.random() * 3)
    rmSync(`${file}.inside`)
    if (Math.random() < 0.2) process.kill(process.pid, 'SIGKILL')
    lock.release()
  } else if (mode === 'once') {
    process.stdout.write('held\n')
    process.exit()
  }
  await setTimeout(Math.random() * 3)
}
