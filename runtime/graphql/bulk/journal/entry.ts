/** How the journal knows an entry. */
export interface JournalEntry {
  readonly key: string
  /** Of its content, which the journal does not hold. */
  readonly digest: string
  readonly index: number
}
