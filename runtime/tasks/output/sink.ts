import type { Host, Output } from '../../host.ts'

/** Where a result goes: standard output or a file. */
export type Sink = Pick<Output, 'write' | 'isTTY' | 'columns' | 'closed'>

/** Of a result that nobody asked for. */
export const NOWHERE: Sink = { isTTY: false, columns: undefined, closed: false, write: async () => {} }

/** What is written passes the redactor. */
export function redacting(sink: Sink, host: Pick<Host, 'redactor'>): Sink {
  return {
    get isTTY() {
      return sink.isTTY
    },
    get columns() {
      return sink.columns
    },
    get closed() {
      return sink.closed
    },
    write: (text) => sink.write(host.redactor.text(text)),
  }
}
