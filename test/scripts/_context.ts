/** What a script's `run` is given, for a test that needs no process: a fake `wfg`, and a log that is kept. */
import type { ScriptContext, Wfg } from '#wfg'

export interface TestContext<Args> {
  readonly context: ScriptContext<Args>
  /** What the script said to the person. */
  readonly said: string[]
  readonly controller: AbortController
}

export function contextOf<Args>(args: Args, wfg: Wfg): TestContext<Args> {
  const said: string[] = []
  const controller = new AbortController()
  const log = Object.assign((message: string) => void said.push(message), {
    warn: (message: string) => void said.push(`warning: ${message}`),
    debug: () => {},
  })
  const context: ScriptContext<Args> = {
    args,
    wfg,
    log,
    signal: controller.signal,
    progress: () => {},
    command: 'npx wfg',
    confirm: async () => false,
    server: async () => ({ profile: 'fake', url: 'http://127.0.0.1/wfgen/graphql', webUrl: undefined, dryRun: false }),
    token: { get: async () => 'fake' },
    $: (() => {
      throw new Error('the test gives no shell')
    }) as never,
  }
  return { context, said, controller }
}
