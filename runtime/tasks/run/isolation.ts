/** Isolated scripts, as far as this floor knows them: another process imports them, never this one. */

import type { ScriptFile } from '../../script/script_file.ts'
import type { Parameter } from '../arguments/schema.ts'
import type { ArgumentSources, ReadArguments } from '../arguments/script_arguments.ts'
import type { Grants } from '../registry/grants.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Definition, ScriptRun } from './script_run.ts'
import type { Session } from './session.ts'

/** An isolated script that is only asked about. */
export interface IsolatedScript {
  /** Absolute path. */
  readonly file: string
  readonly grants: Grants
}

export interface Description {
  readonly parameters: readonly Parameter[]
  readonly examples: readonly string[] | undefined
  /** JSON Schema of the arguments, without a title. */
  readonly schema: Readonly<Record<string, unknown>>
}

export interface Isolation {
  /** Asks the script for its parameters, in a process without any network. */
  describe(script: IsolatedScript): Promise<Description>
  /** Checks arguments by the script's schema, in a process without any network. `args` stay there. */
  readArguments(script: IsolatedScript, sources: ArgumentSources): Promise<Omit<ReadArguments, 'args'>>
  /** Starts the process of a run and checks the arguments. It goes on when the definition runs. */
  prepare(session: Session, run: ScriptRun, file: ScriptFile, lifecycle: Lifecycle): Promise<Definition>
}

let load: (() => Promise<Isolation>) | undefined

/** Called by the composition, because the work is done on a higher floor. */
export function provideIsolation(loadIsolation: () => Promise<Isolation>): void {
  load = loadIsolation
}

export function isolation(): Promise<Isolation> {
  return load!()
}
