/** What is kept of the output of a run: the first MiB of its standard output, and the last MiB of its log (standard error). */

export const STREAMS = ['output', 'log'] as const
export type StreamName = (typeof STREAMS)[number]

/** Of each stream of a run. */
export const MAX_BYTES = 1024 * 1024

/** A part of a stream. If it does not start where the one before it ends, what is between them was not kept. */
export interface KeptPart {
  /** Where it starts, in bytes. */
  readonly at: number
  readonly data: Uint8Array
}

/** How many bytes are kept. */
export type KeptSizes = Readonly<Record<StreamName, number>>

/** A place where the output of one run is kept. A run does not fail because of it, so it never throws. */
export interface KeptPlace {
  add(name: StreamName, part: KeptPart): void
  /** Resolves when it has everything, or cannot have it. */
  close?(): Promise<void>
}

export interface KeptReader {
  /** 0 where nothing is kept. */
  sizes(id: string): Promise<KeptSizes>
  /** The parts from `from` on. */
  read(id: string, name: StreamName, from: number): Promise<readonly KeptPart[]>
}
