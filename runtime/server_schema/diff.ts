/** Shows what changed between two schemas, breaking changes first, each with the scripts that it touches. */
import { relative } from 'node:path'
import { quotedPath } from '../core/visible.ts'
import type { CommandCall } from '../tasks/run/command_call.ts'
import { scriptFiles } from './check.ts'
import { compareSchemas, type SchemaChange } from './compare.ts'
import { findDocuments } from './find_documents.ts'
import { namedSchema } from './schema_source.ts'
import { usesOf } from './uses.ts'

export async function showChanges(call: CommandCall, a: string, b: string, isJson: boolean): Promise<void> {
  const { host } = call
  const before = await namedSchema(call, a)
  const after = await namedSchema(call, b)
  const uses = usesOf(findDocuments(scriptFiles(call)), before.schema)
  const changes = await compareSchemas(before.schema, after.schema, uses)
  const placeOf = ({ path, line }: SchemaChange['touches'][number]) => ({
    file: relative(host.cwd(), path).replaceAll('\\', '/'),
    line,
  })
  if (isJson) {
    const rows = changes.map(({ severity, coordinate = null, message, touches }) => ({
      severity,
      coordinate,
      message,
      touches: touches.map(placeOf),
    }))
    await host.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    return
  }
  const blocks = changes.map(({ severity, message, touches }) => {
    const places = touches.map(placeOf).map(({ file, line }) => `${' '.repeat(WIDTH)}${file}:${line}\n`)
    return `${severity.padEnd(WIDTH)}${message}\n${places.join('')}`
  })
  await host.stdout.write(`${blocks.join('')}${summaryOf(changes, before.name, after.name)}\n`)
}

// --- internal ---

const WIDTH = 'dangerous  '.length

function summaryOf(changes: readonly SchemaChange[], before: string, after: string): string {
  const between = `from ${quotedPath(before)} to ${quotedPath(after)}`
  if (changes.length === 0) return `Nothing changed ${between}.`
  const breaking = changes.filter(({ severity }) => severity === 'breaking').length
  const touched = new Set(changes.flatMap(({ touches }) => touches.map(({ path }) => path))).size
  const counted = changes.length === 1 ? '1 change' : `${changes.length} changes`
  return `${counted} ${between}: ${breaking} breaking, ${touched === 1 ? '1 file' : `${touched} files`} touched.`
}
