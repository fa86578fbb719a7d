import { isWfgError } from '../../core/errors.ts'
import { claims } from '../../doctor/claims.ts'
import { clock } from '../../doctor/clock.ts'
import { discovery } from '../../doctor/discovery.ts'
import { graphql, user } from '../../doctor/graphql.ts'
import { network } from '../../doctor/network.ts'
import { type Look, renderRemedy, renderStep } from '../../doctor/report.ts'
import { settings } from '../../doctor/settings.ts'
import { type DoctorContext, type Finding, failedBy, type Step } from '../../doctor/step.ts'
import { tls } from '../../doctor/tls.ts'
import { token } from '../../doctor/token.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** In this order: each relies on the ones before it. */
const STEPS: readonly Step[] = [settings, network, tls, discovery, clock, token, claims, graphql, user]

/** Checks the set-up step by step, stops at the first failure, and says what to do about it. */
export async function run(call: CommandCall): Promise<void> {
  const { host, args, flags, lifecycle } = call
  const { values } = commandArguments('doctor', args, { json: { type: 'boolean' } }, 0)
  const isJson = values['json'] === true || flags.format === 'json'
  const look = lookOf(call)
  const write = (text: string) =>
    look.color ? host.stdout.writeAsIs(host.redactor.text(text)) : host.stdout.write(text)
  const context: DoctorContext = { ...call, signal: lifecycle.signal, skewsMs: new Map() }
  const found: Named[] = []
  try {
    for (const { name, check } of STEPS) {
      const finding = await check(context).catch(failed)
      lifecycle.signal.throwIfAborted()
      found.push({ name, ...finding })
      if (!isJson) await write(renderStep(name, finding, look))
      if (finding.status === 'failed') break
    }
  } finally {
    if (context.connection) await (await call.loadSession()).close()
  }
  const failure = found.find(({ status }) => status === 'failed')
  host.setExitCode(failure?.exitCode ?? 0)
  if (isJson) await host.stdout.write(`${JSON.stringify(summaryOf(found, context), null, 2)}\n`)
  else await write(endingOf(found, look))
}

// --- internal ---

/** Throws other errors, which are bugs and need their stack. */
function failed(error: unknown): Finding {
  if (!isWfgError(error)) throw error
  return failedBy(error)
}

function lookOf({ host, flags }: CommandCall): Look {
  const { stdout, env, platform } = host
  return {
    columns: stdout.columns,
    color: stdout.isTTY && !flags.noColor && !env['NO_COLOR'],
    unicode: platform !== 'win32' || Boolean(env['WT_SESSION'] ?? env['TERM_PROGRAM']),
  }
}

function summaryOf(found: readonly Named[], { connection }: DoctorContext): object {
  return {
    ok: found.every(({ status }) => status !== 'failed'),
    profile: connection?.config.profile ?? null,
    steps: found.map(({ name, status, detail, remedy = null }) => ({ name, status, detail, remedy })),
  }
}

type Named = { readonly name: string } & Finding

function endingOf(found: readonly Named[], look: Look): string {
  const failure = found.find(({ status }) => status === 'failed')
  const notes = found.filter(({ status, remedy }) => status === 'warning' && remedy !== undefined)
  return [
    ...notes.map(({ name, remedy = '' }) => renderRemedy(`About "${name}"`, remedy, look)),
    failure?.remedy === undefined ? '' : renderRemedy('What to do', failure.remedy, look),
    failure ? '' : `\n${notes.length === 0 ? 'Everything works.' : 'Everything works. See the warnings above.'}\n`,
  ].join('')
}
