/** A process that runs a bulk with a journal and prints the outcomes. Tests kill it in between. */
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { bulkClient, entries } from './_bulk.ts'

const [url = '', journal = '', count = '0', first = '0', settleMs] = process.argv.slice(2)
let sleptMs = 0
const { wfg, close } = bulkClient(url, {
  // What the server still executes takes real time.
  async slept(ms) {
    await setTimeout(ms - sleptMs)
    sleptMs = ms
  },
})
const find = async ({ n }: Record<string, unknown>): Promise<unknown> => {
  const { created } = await wfg('query Find($n: Int!) { created(n: $n) { n } }', { n })
  return created ? { create: created } : undefined
}
process.stdout.write('ready\n')
const statuses: string[] = []
const numbers: (number | undefined)[] = []
const options = { journal, batchSize: 5, ...(settleMs && { find, settleMs: Number(settleMs) }) }
const document = 'mutation Create($n: Int!) { create(n: $n) { n } }'
for await (const { status, data } of wfg.bulk(document, entries(Number(count), Number(first) + 1), options)) {
  statuses.push(status)
  numbers.push(data?.create.n)
}
close()
process.stdout.write(`${JSON.stringify(statuses)}\n${JSON.stringify(numbers)}\n`)
