/** Where a result goes: standard output, a file, or nowhere. */
import { withTypedValues } from '../../core/typed_values.ts'
import { runsInCi } from '../../host/cache_folder.mjs'
import type { Host, Output } from '../../host/host.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { type Format, formatOf } from './format.ts'

export interface Sink extends Pick<Output, 'isTTY' | 'columns' | 'closed'> {
  /** Only a file gets bytes. */
  write(output: string | Uint8Array): Promise<void>
}

/**
 * The options of `writeResult()` that the flags decide.
 *
 * @param out the file of `--out`, if one is written
 * @param isShown false for a result that only a file gets
 */
export function outputOptions(host: Host, flags: ToolFlags, out: { readonly sink: Sink } | undefined, isShown = true) {
  const sink = out ? masked(out.sink, host) : isShown ? host.stdout : NOWHERE
  const isPerson = sink.isTTY && !runsInCi(host.env)
  return {
    sink,
    format: out ? formatFor(flags) : withoutFile(formatFor(flags)),
    isFile: out !== undefined,
    runtime: host.runtime,
    raw: flags.raw ?? false,
    redact: (text: string) => host.redactor.text(isPerson ? withTypedValues(text, host.commandLine) : text),
  }
}

/**
 * Loads the package that the format of the result needs, so that a run without it fails before it does anything.
 *
 * @throws {MissingPackages}
 */
export async function loadFormat({ runtime }: Pick<Host, 'runtime'>, flags: ToolFlags): Promise<void> {
  if (formatFor(flags) === 'xlsx') await (await import('./xlsx/workbook.ts')).loadWriter(runtime)
}

// --- internal ---

function formatFor({ format, out }: ToolFlags): Format | undefined {
  return format ?? (out === undefined ? undefined : formatOf(out))
}

/** A dry run writes no file, and shows the rows of an Excel file instead. */
function withoutFile(format: Format | undefined): Format | undefined {
  return format === 'xlsx' ? undefined : format
}

const NOWHERE: Sink = { isTTY: false, columns: undefined, closed: false, write: async () => {} }

/** Masks what is written to a file, as the host does for standard output. The cells of an Excel file are masked already. */
function masked(sink: Sink, { redactor }: Pick<Host, 'redactor'>): Sink {
  return { ...sink, write: (output) => sink.write(typeof output === 'string' ? redactor.text(output) : output) }
}
