/** A script that is about to run. */
import type { Script } from '../../script/define.ts'
import type { ScriptFile } from '../../script/script_file.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import type { Access } from '../registry/entry.ts'
import type { Grants } from '../registry/grants.ts'

export interface ScriptRun {
  /** For messages: the task's name, or the file as it was given. */
  readonly name: string
  /** Absolute path. */
  readonly file: string
  readonly access: Access
  /** What is left of the command line without the tool's flags. */
  readonly argv: readonly string[]
  /** Arguments from `tasks.ts` or a queued job. */
  readonly args?: Readonly<Record<string, unknown>> | undefined
  readonly flags: ToolFlags
  /** What precedes the arguments on a command line. Default: the tool and the name. */
  readonly command?: string | undefined
  /** Chosen from a list by a person. Default: false. */
  readonly isPicked?: boolean | undefined
  /** What it may do if it is isolated; undefined for a script that runs in this process. */
  readonly isolated?: Grants | undefined
  /** False for a task that another one needs: without `flags.out` its result goes nowhere. */
  readonly isNamed: boolean
}

/** A script that can run: all that can be checked before has been checked. */
export interface PreparedScript {
  readonly run: ScriptRun
  readonly file: ScriptFile
  /** Undefined for a plain file, which runs when it is imported. An isolated one has it too, without a result. */
  readonly definition: Definition | undefined
}

export interface Definition {
  readonly script: Pick<Script, 'run'>
  readonly args: Record<string, unknown>
}
