import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withSandbox } from '../sandbox/_sandbox.ts'
import { withScripts } from './_scripts.ts'

const attachFile = suite('attach-file')
const writing = ['attach-file']

/** A request whose process has the data field QUOTE. */
const REQUEST = 398
const QUOTE = `query ($number: Int) { request(number: $number) {
  dataset(filter: { names: ["QUOTE"] }) { items { fileValue { name contentType size content } } } } }`

attachFile('it puts the document into the data, and a second run changes nothing more', () =>
  withScripts(
    (scripts) =>
      withSandbox(async ({ sandbox, data }) => {
        const content = 'Zwölf Stühle\n'.repeat(1000)
        writeFileSync(join(scripts.dir, 'quote 1.pdf'), content)
        const args = ['attach-file', 'quote 1.pdf', '--request', String(REQUEST), '--data', 'QUOTE']
        for (const time of ['first', 'second']) {
          const { rows } = await scripts.rows(args, { env: sandbox.settings })
          const bytes = Buffer.byteLength(content)
          assert.equal(
            rows,
            [{ request: REQUEST, data: 'QUOTE', name: 'quote 1.pdf', type: 'application/pdf', bytes }],
            time,
          )
          const { request } = await data(QUOTE, { number: REQUEST })
          const [{ fileValue }] = request.dataset.items
          assert.equal(
            { ...fileValue, content: Buffer.from(fileValue.content, 'base64').toString() },
            { name: 'quote 1.pdf', contentType: 'application/pdf', size: bytes, content },
            time,
          )
        }
      }),
    { writing },
  ),
)

attachFile('it fails and names the file when there is none, and the field when the process has no such data', () =>
  withScripts(
    (scripts) =>
      withSandbox(async ({ sandbox }) => {
        writeFileSync(join(scripts.dir, 'a.txt'), 'a')
        const options = { env: sandbox.settings }
        const missing = await scripts.run(['attach-file', 'b.txt', '--request', '398', '--data', 'QUOTE'], options)
        assert.is(missing.status, 2)
        assert.match(missing.stderr, 'Cannot upload "b.txt"')
        const unknown = await scripts.run(['attach-file', 'a.txt', '--request', '398', '--data', 'NO_DATA'], options)
        assert.is(unknown.status, 4)
        assert.match(unknown.stderr, 'has no data')
      }),
    { writing },
  ),
)

attachFile('a dry run sends nothing', () =>
  withScripts(
    (scripts) =>
      withSandbox(async ({ sandbox, data }) => {
        const before = await data(QUOTE, { number: REQUEST })
        writeFileSync(join(scripts.dir, 'a.txt'), 'a')
        const args = ['attach-file', 'a.txt', '--request', String(REQUEST), '--data', 'QUOTE', '--dry-run']
        const { status, stdout } = await scripts.run(args, { env: sandbox.settings })
        assert.equal([status, stdout], [0, ''])
        assert.equal(await data(QUOTE, { number: REQUEST }), before)
      }),
    { writing },
  ),
)

attachFile.run()
