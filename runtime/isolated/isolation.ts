/** Isolated scripts: each runs in a process of its own, which has neither the secret nor the token. */

import { WfgError } from '../core/errors.ts'
import { Interruption } from '../core/interruption.ts'
import { visible } from '../core/visible.ts'
import { readTextFrom } from '../host/standard_input.ts'
import type { ScriptContext } from '../script/define.ts'
import { readArgumentsFile } from '../tasks/arguments/arguments_file.ts'
import type { Parameter } from '../tasks/arguments/schema.ts'
import { startCommand } from '../tasks/arguments/start_command.ts'
import type { IsolatedScript, Isolation } from '../tasks/run/isolation.ts'
import type { Lifecycle } from '../tasks/run/lifecycle.ts'
import { confirm } from '../tasks/run/script_context.ts'
import type { ScriptRun } from '../tasks/run/script_run.ts'
import type { Session } from '../tasks/run/session.ts'
import type { NetworkHost } from '../transport/transport.ts'
import { type Broker, startBroker } from './broker.ts'
import type { Asked, Step } from './messages.ts'
import { EndedByItself, type IsolatedProcess, type Started, startProcess } from './process.ts'
import { describeThrown, thrownFrom } from './thrown.ts'

export function createIsolation(host: NetworkHost): Isolation {
  const askOnly = async <Type extends Step['type']>(script: IsolatedScript, type: Type, more: Partial<Started>) => {
    const child = startProcess(host, { ...NOTHING, ...more, ...script, tool: startCommand(host) }, undefined, DUMB)
    try {
      return await stepOf(child, type)
    } finally {
      await child.finish()
    }
  }
  return {
    describe: async (script) => visibleIn(await askOnly(script, 'described', { work: 'describe' })),
    async readArguments(script, { name, argv, args, argsFile }) {
      const argsText = await textOf(host, argsFile)
      const given = { work: 'arguments' as const, name, argv, args, argsText, command: name }
      const { parameters, values } = await askOnly(script, 'ready', given)
      maskSecrets(host, parameters, values, [argv, args, argsText])
      return { parameters, given: { values, problems: [], refused: new Set() } }
    },
    async prepare(session, run, file, lifecycle) {
      const { name, argv, args, flags, access, isPicked = false, isNamed, isolated } = run
      const broker = await startBroker(session, isolated!)
      session.closing.add(broker.close)
      const argsText = file.defines ? await textOf(host, flags.argsFile) : undefined
      let context: ScriptContext<unknown> | undefined
      const child = startProcess(
        host,
        {
          ...{ work: 'run', file: file.path, grants: isolated!, name, argv, args, argsText, access, isPicked, isNamed },
          command: run.command ?? `${startCommand(host)} ${name}`,
          tool: startCommand(host),
          flags: { dryRun: flags.dryRun ?? false, quiet: flags.quiet ?? false, verbose: flags.verbose ?? false },
        },
        broker,
        { progress: (...state) => context?.progress(...state), answer: answersOf(session, run, lifecycle) },
      )
      session.closing.add(child.finish)
      lifecycle.force.addEventListener('abort', child.end)
      lifecycle.signal.addEventListener('abort', child.stop)
      const { parameters, values } = await stepOf(child, 'ready')
      maskSecrets(host, parameters, values, [argv, args, argsText])
      if (session.recording && isNamed) {
        if (file.defines) session.recording.facts.given = { parameters, values }
        else session.recording.facts.argv = argv
      }
      return {
        args: { ...values },
        script: {
          run(given) {
            context = given
            return resultOf(session, child, broker, file.defines)
          },
        },
      }
    },
  }
}

// --- internal ---

const NOTHING: Omit<Started, 'file' | 'grants' | 'tool'> = {
  work: 'describe',
  name: '',
  argv: [],
  args: undefined,
  argsText: undefined,
  command: '',
  access: 'read',
  flags: {},
  isPicked: false,
  isNamed: true,
}

const DUMB = {
  progress() {},
  answer: () => Promise.reject(new WfgError('Cannot answer: the script is only asked for its arguments.')),
}

/** A description is shown as it is, by a shell's completion too. */
function visibleIn<T>(value: T): T {
  if (typeof value === 'string') return visible(value) as T
  if (Array.isArray(value)) return value.map(visibleIn) as T
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [visible(key), visibleIn(member)])) as T
}

/** Reads an arguments file here, where it may be read. The child checks what is in it. */
async function textOf(host: NetworkHost, argsFile: string | undefined): Promise<string | undefined> {
  if (argsFile === undefined) return undefined
  if (argsFile === '-') return readTextFrom(host, argsFile)
  return JSON.stringify(await readArgumentsFile(host, argsFile))
}

/** The step of that type, which is next. */
async function stepOf<Type extends Step['type']>(
  child: IsolatedProcess,
  type: Type,
): Promise<Extract<Step, { type: Type }>> {
  const step = await child.next()
  if (step.type === type) return step as Extract<Step, { type: Type }>
  throw step.type === 'end' && step.error
    ? thrownFrom(step.error)
    : new WfgError('The isolated process said what was not asked.')
}

/** The result of the script: a value, or rows that are read as they are needed. */
async function resultOf(session: Session, child: IsolatedProcess, broker: Broker, defines: boolean): Promise<unknown> {
  broker.open()
  child.send({ type: 'run', confirmed: session.runSettings.confirmed })
  const finish = async (step: Step): Promise<void> => {
    if (step.type !== 'end') throw new WfgError('The isolated process said what was not asked.')
    broker.close()
    await child.finish()
    if (step.error) throw thrownFrom(step.error)
    const { exitCode } = step
    // Such as 5, if an entry of a bulk failed.
    if (Number.isInteger(exitCode) && exitCode > 0 && exitCode < 124) session.host.setExitCode(exitCode)
  }
  const first = await child.next().catch((error: unknown): Step => {
    // A plain file may end its process as it likes.
    if (defines || !(error instanceof EndedByItself) || error.status === undefined) throw error
    const thrown = error.status === 0 ? undefined : describeThrown(new Interruption('', error.status))
    return { type: 'end', exitCode: 0, error: thrown }
  })
  if (!defines || first.type === 'end') return finish(first)
  if (first.type !== 'result') throw new WfgError('The isolated process said what was not asked.')
  if (first.isRows) return rowsOf(child, finish)
  await finish(await child.next())
  return first.value
}

async function* rowsOf(child: IsolatedProcess, finish: (step: Step) => Promise<void>): AsyncGenerator<unknown> {
  let step: Step | undefined
  try {
    for (step = await child.next(); step.type === 'rows'; step = await child.next()) yield* step.rows
  } finally {
    // Nobody reads the rest.
    if (step?.type === 'rows') child.stop()
  }
  await finish(step)
}

function answersOf(session: Session, { flags }: ScriptRun, { signal }: Lifecycle) {
  const { host } = session
  return async (what: Asked, value: unknown): Promise<unknown> => {
    if (what === 'confirm') return confirm(host, flags, visible(String(value)), signal)
    if (what === 'arguments') {
      const missing = value as readonly Parameter[]
      const noColor = flags.noColor ?? false
      const asked = { missing, command: '', argv: [], noColor, signal, problemOf: () => undefined }
      return (await session.askArguments?.(host, asked)) ?? {}
    }
    // A script may ask while it is imported, before its run has settings.
    const { config, token } = await session.connect(flags.profile)
    if (what === 'token status') return token.status()
    const { profile, graphqlUrl, webUrl, impersonate, impersonateHeader, timeoutMs, concurrency, dryRun } = config
    const known = { profile, webUrl, impersonate, impersonateHeader, timeoutMs, concurrency, dryRun }
    return { ...known, protected: config.protected, graphqlUrl: graphqlUrl.href }
  }
}

/** Masks what the script calls secret, if it is what the run was given: it must not hide anything else. */
function maskSecrets(
  { redactor }: Pick<NetworkHost, 'redactor'>,
  parameters: readonly Parameter[],
  values: Readonly<Record<string, unknown>>,
  sources: unknown,
): void {
  const given = JSON.stringify(sources)
  for (const { key, secret } of parameters) {
    const value = secret ? values[key] : undefined
    for (const each of Array.isArray(value) ? value : [value])
      if (typeof each === 'string' && given.includes(JSON.stringify(each).slice(1, -1))) redactor.add(each)
  }
}
