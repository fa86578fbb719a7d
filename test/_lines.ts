/**
 * Lines of code below `runtime/`, without blank lines and comments, by room: what `npm run check` prints at its end.
 *
 *     node --import tsx test/_lines.ts
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const RUNTIME = fileURLToPath(new URL('../runtime/', import.meta.url))

const counts = new Map<string, number>()
for (const path of readdirSync(RUNTIME, { recursive: true, encoding: 'utf8' })) {
  if (!/\.[mc]?[tj]s$/.test(path)) continue
  const [room = ''] = path.includes(sep) ? path.split(sep) : ['.']
  const lines = readFileSync(join(RUNTIME, path), 'utf8').split('\n')
  // The same pattern as `grep -cvE '^\s*($|//|/?\*)'`.
  const code = lines.filter((line) => !/^\s*($|\/\/|\/?\*)/.test(line)).length
  counts.set(room, (counts.get(room) ?? 0) + code)
}
const rooms = [...counts].sort(([, a], [, b]) => b - a).map(([room, count]) => `${room} ${count}`)
const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
process.stdout.write(`${total} lines of code in runtime/: ${rooms.join(', ')}\n`)
