/**
 * The run was ended from outside. It is also the reason of the run's `signal`. The message is empty if an error has been
 * printed already.
 */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}
