/** A child of a test as one JavaScript file: many processes of tsx would spend their time on compiling the same sources. */
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { folderWithPackages } from './_cli.ts'
import { RUNTIME, runtimeArgs } from './_runtime.ts'

export interface Compiled {
  /** What follows the program of the runtime. */
  readonly args: readonly string[]
  cleanup(): void
}

/**
 * Compiles it on Node, by what tsx compiles with. Other runtimes start the source.
 *
 * @param source absolute path
 * @param packages 'bundle' is the fastest; 'external' is for packages that read files of their own
 */
export function compiled(source: string, packages: 'bundle' | 'external' = 'bundle'): Compiled {
  if (RUNTIME !== 'node') return { args: [...runtimeArgs(source), source], cleanup() {} }
  // Packages that are taken by `require` stay where they are.
  const folder = folderWithPackages()
  const outfile = join(folder, 'child.mjs')
  const { buildSync } = createRequire(import.meta.resolve('tsx'))('esbuild') as {
    buildSync(options: Record<string, unknown>): void
  }
  buildSync({
    ...{ entryPoints: [source], outfile, packages, bundle: true },
    ...{ platform: 'node', format: 'esm', logLevel: 'error' },
  })
  return { args: [outfile], cleanup: () => rmSync(folder, { recursive: true, force: true }) }
}
