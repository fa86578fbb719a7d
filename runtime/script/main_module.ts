/** `import.meta.main` of a plain file that the command line runs: true, as if the file were the program. */
import { realpathSync } from 'node:fs'
import * as module from 'node:module'
import { pathToFileURL } from 'node:url'

/** An export that the file gets besides its own, to see that it was changed. */
export const MARK = '__wfg_main'

/**
 * Call it just before the file is imported. Does nothing on a runtime without module hooks, and for CommonJS.
 *
 * @param path of the file
 * @returns what undoes it
 */
export function markAsMain(path: string): () => void {
  const urls = [path, realpathSync(path)].map((each) => pathToFileURL(each).href)
  const { register, registerHooks } = module as unknown as Hooks
  if (registerHooks) {
    const hooks = registerHooks({
      load(url, context, next) {
        if (!urls.includes(withoutQuery(url))) return next(url, context)
        // Deno takes a JSON file that is required for JavaScript while there is a hook.
        hooks.deregister()
        return marked(next(url, context), MARK)
      },
    })
    return () => hooks.deregister()
  }
  // Node 20 runs hooks in a thread of their own, which shares nothing with this one.
  const hook = `const marked = ${marked}
const withoutQuery = ${withoutQuery}
export async function load(url, context, next) {
  const loaded = await next(url, context)
  return ${JSON.stringify(urls)}.includes(withoutQuery(url)) ? marked(loaded, ${JSON.stringify(MARK)}) : loaded
}`
  register?.(`data:text/javascript,${encodeURIComponent(hook)}`)
  return () => {}
}

// --- internal ---

interface Loaded {
  format?: string | null | undefined
  source?: string | Uint8Array | null | undefined
}

/** The part of `node:module` that is used. Not every runtime has it. */
interface Hooks {
  register?(specifier: string): void
  registerHooks?(hooks: {
    load(url: string, context: unknown, next: (url: string, context: unknown) => Loaded): Loaded
  }): { deregister(): void }
}

// The text of these two is also the source of a hook, so they use nothing of this file.

function withoutQuery(url: string): string {
  return url.replace(/[?#].*/, '')
}

function marked(loaded: Loaded, mark: string): Loaded {
  const { format, source } = loaded
  if (!source || format?.startsWith('commonjs')) return loaded
  const statement = `export const ${mark} = import.meta.main = true;`
  return {
    ...loaded,
    source: Buffer.from(source as string)
      .toString()
      .replace(/^(#!.*\n)?/, `$1${statement}`),
  }
}
