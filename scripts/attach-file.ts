/**
 * Attach a document to a request.
 *
 * Reads a local file and writes a data field of a request. You can run it twice: the second run writes the same document
 * again. The file is sent while it is read, so its size does not matter here, but IIS by default accepts at most 30 MB.
 */
import * as v from 'valibot'
import { defineScript, file, gql } from '#wfg'

const AttachFile = gql(`
  mutation AttachFile($number: Int!, $data: String!, $upload: Upload!) {
    updateRequestDataset(input: { number: $number, parameters: [{ name: $data, fileValue: { upload: $upload } }] }) {
      clientMutationId
    }
  }
`)

/** An upload over a slow line takes minutes. */
const TIMEOUT_MS = 10 * 60_000

export default defineScript({
  args: v.object({
    file: v.pipe(v.string(), v.nonEmpty(), v.description('the document')),
    request: v.pipe(v.number(), v.integer(), v.minValue(1), v.description('number of the request')),
    data: v.pipe(v.string(), v.nonEmpty(), v.description('name of the data field, as the process defines it')),
    name: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description('another name for the document'))),
  }),
  positionals: ['file'],
  examples: ['--request 42 --data CONTRACT contract.pdf'],
  async run({ args, wfg, server, log }) {
    const upload = file(args.file, args.name === undefined ? {} : { name: args.name })
    await wfg(AttachFile, { number: args.request, data: args.data, upload }, { timeoutMs: TIMEOUT_MS })
    if ((await server()).dryRun) {
      log('Dry run: the document was not attached.')
      return undefined
    }
    return { request: args.request, data: args.data, name: upload.name, type: upload.type, bytes: upload.size }
  },
})
