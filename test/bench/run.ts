/**
 * The benchmark: this tool and what people would write today, side by side, against servers of its own on loopback.
 *
 *     npm run -s bench -- [--short] [--json] [--only TEXT] [--rounds N] [--dry]
 *
 * `--short` takes less than two minutes on a quiet machine, once its packages are installed; `--only` takes the groups
 * whose title has the text; `--rounds` is instead of each group's own number; `--dry` runs nothing and shows the rows.
 * Progress goes to standard error. The exit code is 0 whatever comes out: a benchmark informs.
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { printed } from './print.ts'
import { benchmark } from './report.ts'

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

try {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      dry: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
    },
  })
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new RangeError(`--rounds must be a whole number from 1, not "${values.rounds}"`)
  }
  const report = await benchmark({ ...values, rounds }, (text) => process.stderr.write(`${text}\n`))
  process.stdout.write(values.json ? `${JSON.stringify(report, undefined, 2)}\n` : `\n${printed(report)}`)
} catch (error) {
  process.stderr.write(`Cannot run the benchmark: ${(error as Error).message}\n`)
}
