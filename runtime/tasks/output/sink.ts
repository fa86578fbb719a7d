import type { Host, Output } from '../../host/host.ts'

/** Where a result goes: standard output or a file. */
export type Sink = Pick<Output, 'write' | 'isTTY' | 'columns' | 'closed'>

/** Of a result that nobody asked for. */
export const NOWHERE: Sink = { isTTY: false, columns: undefined, closed: false, write: async () => {} }

/** A file's sink, as standard output is by itself: what is written passes the redactor. */
export function redacting(sink: Sink, { redactor }: Pick<Host, 'redactor'>): Sink {
  return { ...sink, write: (text) => sink.write(redactor.text(text)) }
}
