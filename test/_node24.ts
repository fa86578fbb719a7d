/** Node 24, which runs TypeScript by itself: this one, or that which is kept for tests. */
import process from 'node:process'
import { RUNTIME } from './_runtime.ts'
import { installed, OTHER_RUNTIMES } from './_runtimes.ts'

let found: { readonly program: string | undefined } | undefined

/** Path of the program; undefined where it cannot be had. */
export async function node24(): Promise<string | undefined> {
  found ??= { program: find() }
  return found.program
}

// --- internal ---

function find(): string | undefined {
  if (process.platform === 'win32') return undefined
  if (RUNTIME === 'node' && process.versions.node.startsWith('24.')) return process.execPath
  return installed(OTHER_RUNTIMES.find(({ spec }) => spec === 'node@24')!)
}
