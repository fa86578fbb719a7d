import { UsageError } from '../../core/errors.ts'
import { refuseProblems } from '../../core/problems.ts'
import type { Variables } from '../../graphql/client/options.ts'
import { type Operation, readOperation } from '../../graphql/document/operation.ts'
import { readResponsePath, valueAt } from '../../graphql/document/response_path.ts'
import { findPageList } from '../../graphql/paging/page_list.ts'
import { typeVariables } from '../../graphql/variables/given_variables.ts'
import type { ScriptContext } from '../../script/define.ts'
import type { ToolFlags } from '../../tasks/arguments/tool_flags.ts'
import { formatOf } from '../../tasks/output/format.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { runInline } from '../../tasks/run/run_script.ts'
import { commandArguments } from '../command_arguments.ts'
import { readAssignments, readDocument, readVariables, STANDARD_INPUT } from '../query_document.ts'

/** Sends one operation and prints its result. */
export async function run({ host, args, flags, lifecycle, loadSession }: CommandCall): Promise<void> {
  const { values, positionals } = commandArguments('query', args, {
    variable: { type: 'string', short: 'v', multiple: true },
    variables: { type: 'string', short: 'V' },
    operation: { type: 'string' },
    paginate: { type: 'boolean' },
    path: { type: 'string' },
  })
  const [given, ...more] = positionals
  const from = values['variables'] as string | undefined
  refuseUnusable(given, more, from, flags)
  lifecycle.subject = 'The query'
  const document = await readDocument(host, given)
  const operation = readOperation(document, values['operation'] as string | undefined)
  const json = await readVariables(host, from)
  const texts = readAssignments((values['variable'] ?? []) as string[])
  const call: Call = {
    document,
    operation,
    path: values['path'] as string | undefined,
    variables: json,
    isPaged: values['paginate'] === true,
  }
  const supplied = call.isPaged ? pageVariables(call) : []
  const { variables, problems } = typeVariables(operation, { texts, json, supplied })
  refuseProblems('Cannot use these variables', problems)
  const work = workOf({ ...call, variables })
  const access = operation.kind === 'mutation' ? 'write' : 'read'
  const session = await loadSession()
  try {
    await runInline(session, work, { access, flags: withFormat(flags, call) }, lifecycle)
  } finally {
    await session.close()
  }
}

// --- internal ---

interface Call {
  readonly document: string
  readonly operation: Operation
  /** The list to page through, or the part to print. */
  readonly path: string | undefined
  readonly variables: Variables
  readonly isPaged: boolean
}

function refuseUnusable(
  given: string | undefined,
  more: readonly string[],
  variablesFrom: string | undefined,
  flags: ToolFlags,
): void {
  const bothPiped = variablesFrom === STANDARD_INPUT && (given ?? STANDARD_INPUT) === STANDARD_INPUT
  refuseProblems('Cannot run the command query', [
    ...(more.length > 0
      ? [`it takes one document, and ${more.length + 1} arguments were given; put the document in quotes`]
      : []),
    ...(flags.argsFile !== undefined ? ['it does not take --args-file; give the variables with --variables FILE'] : []),
    ...(bothPiped ? ['document and variables cannot both come from standard input; name a file for one of them'] : []),
  ])
}

/** The variables that paging sets. Finds the list before anything is sent. */
function pageVariables({ operation, variables, path }: Call): string[] {
  if (operation.kind === 'mutation') {
    throw new UsageError('Cannot page through a mutation: it would be executed for every page; expected a query.')
  }
  return Object.keys(findPageList(operation, variables, path).variablesFor(1, 1))
}

function workOf({ document, operation, variables, path, isPaged }: Call) {
  const name = operation.name === undefined ? {} : { operationName: operation.name }
  if (isPaged) {
    const options = { ...name, ...(path === undefined ? {} : { path }) }
    return ({ wfg }: ScriptContext<unknown>) => wfg.paginate(document, variables, options)
  }
  const names = path === undefined ? [] : readResponsePath(operation, path)
  return async ({ wfg }: ScriptContext<unknown>) => valueAt(await wfg(document, variables, name), names)
}

/** A whole response is printed as JSON unless another format is chosen. */
function withFormat(flags: ToolFlags, { path, isPaged }: Call): ToolFlags {
  const isWhole = path === undefined && !isPaged
  const isChosen = flags.format !== undefined || (flags.out !== undefined && formatOf(flags.out) !== undefined)
  return isWhole && !isChosen ? { ...flags, format: 'json' } : flags
}
