/** A process that runs a bulk with a journal and prints the outcomes. Tests kill it in between. */
import process from 'node:process'
import { bulkClient, entries } from './_bulk.ts'

const [url = '', journal = '', count = '0', first = '0'] = process.argv.slice(2)
const { wfg, close } = bulkClient(url)
process.stdout.write('ready\n')
const statuses: string[] = []
const document = 'mutation Create($n: Int!) { create(n: $n) { n } }'
for await (const { status } of wfg.bulk(document, entries(Number(count), Number(first) + 1), { journal, batchSize: 5 }))
  statuses.push(status)
close()
process.stdout.write(`${JSON.stringify(statuses)}\n`)
