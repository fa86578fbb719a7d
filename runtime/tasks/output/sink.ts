/** Where a result goes: standard output, a file, or nowhere. */
import { withTypedValues } from '../../core/typed_values.ts'
import { runsInCi } from '../../host/cache_folder.mjs'
import type { Host, Output } from '../../host/host.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'
import { formatOf } from './format.ts'

export type Sink = Pick<Output, 'write' | 'isTTY' | 'columns' | 'closed'>

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
    format: flags.format ?? (flags.out === undefined ? undefined : formatOf(flags.out)),
    isFile: out !== undefined,
    raw: flags.raw ?? false,
    redact: (text: string) => host.redactor.text(isPerson ? withTypedValues(text, host.commandLine) : text),
  }
}

// --- internal ---

const NOWHERE: Sink = { isTTY: false, columns: undefined, closed: false, write: async () => {} }

/** Masks what is written to a file, as the host does for standard output. */
function masked(sink: Sink, { redactor }: Pick<Host, 'redactor'>): Sink {
  return { ...sink, write: (text) => sink.write(redactor.text(text)) }
}
