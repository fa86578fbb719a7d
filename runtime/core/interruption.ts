/**
 * The run was ended from outside; also the reason that its `signal` aborts with. One without a message follows an error that
 * has been printed already.
 */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}
