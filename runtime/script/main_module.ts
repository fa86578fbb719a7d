/** Makes `import.meta.main` true in a plain file that the command line runs. */
import { realpathSync } from 'node:fs'
import * as module from 'node:module'
import { pathToFileURL } from 'node:url'

/** An export added to the file, to check that the hook changed it. */
export const MARK = '__wfg_main'

/**
 * Call it just before importing the file. It does nothing on a runtime without module hooks, or for CommonJS.
 *
 * @returns a function that undoes it
 */
export function markAsMain(path: string): () => void {
  const urls = [path, realpathSync(path)].map((each) => pathToFileURL(each).href)
  const { register, registerHooks } = module as unknown as Hooks
  if (registerHooks) {
    const hooks = registerHooks({
      load(url, context, next) {
        if (!urls.includes(withoutQuery(url))) return next(url, context)
        // While a hook exists, Deno reads a JSON file that is required as JavaScript.
        hooks.deregister()
        return marked(next(url, context), MARK)
      },
    })
    return () => hooks.deregister()
  }
  // Node 20 runs hooks in a separate thread, so the hook gets its values as text.
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

/** The part of `node:module` that this file uses. Not every runtime has it. */
interface Hooks {
  register?(specifier: string): void
  registerHooks?(hooks: {
    load(url: string, context: unknown, next: (url: string, context: unknown) => Loaded): Loaded
  }): { deregister(): void }
}

// These two functions are also copied as text into the hook, so they use nothing else in this file.

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
