/** Runs the suite on several runtimes, one after another, and adds up what each says. */
import process from 'node:process'

export interface Suite {
  readonly title: string
  /** Gives what the driver prints, and its exit code. Undefined if the runtime is not here. */
  readonly run: (() => Promise<{ readonly output: string; readonly status: unknown }>) | undefined
}

/** The last line is `N passed, N failed` over all of them; a run that ends without such a line has failed once. */
export async function runSuites(suites: readonly Suite[]): Promise<void> {
  const recap: string[] = []
  const total = { passed: 0, failed: 0 }
  for (const { title, run } of suites) {
    if (!run) {
      recap.push(`${title}: not run, it is not here`)
      continue
    }
    process.stdout.write(`\n== ${title}\n`)
    const { output, status } = await run()
    const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output) ?? []
    const isSaid = failed !== undefined && (status === 0) === (failed === '0')
    const counts = { passed: Number(passed ?? 0), failed: Number(failed ?? 0) + (isSaid ? 0 : 1) }
    total.passed += counts.passed
    total.failed += counts.failed
    const notRun = output.match(/^not run: /gm)?.length ?? 0
    recap.push(`${title}: ${counts.passed} passed, ${counts.failed} failed, ${notRun} not run`)
  }
  process.stdout.write(`\n${recap.join('\n')}\n${total.passed} passed, ${total.failed} failed\n`)
  process.exitCode = total.failed > 0 ? 1 : 0
}
