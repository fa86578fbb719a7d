/** A process that adds many records: FOLDER COUNT NAME. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { systemHost } from '../../../runtime/host/host.ts'
import { appendPrivateFile } from '../../../runtime/host/private_file.ts'
import { MAX_BYTES } from '../../../runtime/tasks/history/history_folder.ts'
import { rotate } from '../../../runtime/tasks/history/rotate.ts'

const [folder, count, name] = process.argv.slice(2)
const host = systemHost()
const file = join(folder!, 'runs.ndjson')
for (let index = 0; index < Number(count); index++) {
  const text = 'x'.repeat(1500)
  const record = { v: 1, id: `${name}-${index}`, startedAt: new Date().toISOString(), durationMs: 0, directory: text }
  const line = JSON.stringify({ ...record, operations: {}, outcome: 'done', exitCode: 0 })
  appendPrivateFile(file, `${line}\n`, host.userId())
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= MAX_BYTES) rotate(host, file)
}
