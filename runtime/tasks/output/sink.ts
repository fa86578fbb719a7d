import type { Output } from '../../host.ts'

/** Where a result goes: standard output or a file. */
export type Sink = Pick<Output, 'write' | 'isTTY' | 'columns' | 'closed'>
