/** TypeScript that a child runs without a loader: compiled once in the test's process, it starts in a quarter of the time. */
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { folderWithPackages } from './_cli.ts'
import { RUNTIME, runtimeArgs } from './_runtime.ts'

export interface Compiled {
  /** What the runtime starts. */
  readonly file: string
  /** What follows the program of the runtime. */
  readonly args: readonly string[]
  cleanup(): void
}

/**
 * Compiles a file on Node, by what tsx compiles with. Other runtimes start the source.
 *
 * @param source absolute path
 * @param packages 'bundle' is the fastest; 'external' is for packages that read files of their own
 */
export function compiled(source: string, packages: 'bundle' | 'external' = 'bundle'): Compiled {
  if (RUNTIME !== 'node') return { file: source, args: [...runtimeArgs(source), source], cleanup() {} }
  // Packages that are taken by `require` stay where they are.
  const folder = folderWithPackages()
  const outfile = join(folder, 'child.mjs')
  build({ entryPoints: [source], outfile, packages })
  return { file: outfile, args: [outfile], cleanup: () => rmSync(folder, { recursive: true, force: true }) }
}

/**
 * A module with all of ours that it imports, as one text. Packages stay imports.
 *
 * @param source TypeScript
 * @param folder where the source's imports are found, and where the child's packages are
 */
export function compiledText(source: string, folder: string): string {
  const stdin = { contents: source, resolveDir: folder, loader: 'ts' }
  return build({ stdin, write: false, packages: 'external' })[0]!.text
}

// --- internal ---

interface Esbuild {
  buildSync(options: Record<string, unknown>): { readonly outputFiles: readonly { readonly text: string }[] }
}

let esbuild: Esbuild | undefined

function build(options: Record<string, unknown>) {
  esbuild ??= createRequire(createRequire(import.meta.url).resolve('tsx'))('esbuild') as Esbuild
  const common = { bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' }
  return esbuild.buildSync({ ...common, ...options }).outputFiles
}
