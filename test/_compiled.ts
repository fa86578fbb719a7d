/** TypeScript that a child runs without a loader: compiled once in the test's process, it starts in a quarter of the time. */
import { createRequire } from 'node:module'

/**
 * A module with all of ours that it imports, as one text. Packages stay imports.
 *
 * @param source TypeScript
 * @param folder where the source's imports are found, and where the child's packages are
 */
export function compiled(source: string, folder: string): string {
  esbuild ??= createRequire(createRequire(import.meta.url).resolve('tsx'))('esbuild') as Esbuild
  const { outputFiles } = esbuild.buildSync({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', target: 'node20', packages: 'external' },
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}

// --- internal ---

interface Esbuild {
  buildSync(options: Record<string, unknown>): { readonly outputFiles: readonly { readonly text: string }[] }
}

let esbuild: Esbuild | undefined
