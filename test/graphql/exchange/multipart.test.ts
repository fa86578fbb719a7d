import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AuthorizationError, OutcomeUnknownError, TransportError, UsageError } from '../../../runtime/core/errors.ts'
import { quotedPath } from '../../../runtime/core/visible.ts'
import { file, type Upload } from '../../../runtime/graphql/document/file.ts'
import { takeUploads } from '../../../runtime/graphql/exchange/multipart.ts'
import { startSandbox } from '../../../runtime/sandbox/mod.ts'
import { rejects } from '../../_assert.ts'
import { project } from '../../_cli.ts'
import { htmlPage } from '../../_replies.ts'
import { type ReceivedRequest, refusedUrl } from '../../_server.ts'
import { settingsFor, TOKEN } from '../../cli/_configured.ts'
import { clientOf, shownOf, withClient } from '../_client.ts'

const multipart = suite('multipart')

const ATTACH = 'mutation Attach($input: UpdateInput!) { updateRequestDataset(input: $input) { clientMutationId } }'
const OK = { body: { data: { updateRequestDataset: { clientMutationId: null } } } }

multipart('wfg() sends files among the variables by the multipart request specification', async () => {
  await withFolder(async (folder) => {
    const bytes = randomBytes(300_000)
    writeFileSync(join(folder, 'contract.pdf'), bytes)
    const input = {
      number: 12,
      parameters: [
        { name: 'CONTRACT', fileValue: { upload: file(join(folder, 'contract.pdf')) } },
        { name: 'NOTE', fileValue: { upload: new Blob(['é\r\n--wfg'], { type: 'text/plain' }) } },
        { name: 'PHOTO', fileValue: { upload: new File([new Uint8Array([0, 255, 13, 10])], 'ü "1".png') } },
        { name: 'TEXT', textValue: 'plain' },
      ],
    }
    await withClient([OK], {}, async ({ wfg }, { requests }) => {
      await wfg(ATTACH, { input })
      const form = await formOf(requests[0]!)
      assert.equal([...form.keys()], ['operations', 'map', '0', '1', '2'])
      const upload = (name: string) => ({ name, fileValue: { upload: null } })
      assert.equal(JSON.parse(String(form.get('operations'))), {
        query: ATTACH,
        operationName: 'Attach',
        variables: {
          input: {
            number: 12,
            parameters: [upload('CONTRACT'), upload('NOTE'), upload('PHOTO'), { name: 'TEXT', textValue: 'plain' }],
          },
        },
      })
      assert.equal(JSON.parse(String(form.get('map'))), {
        0: ['variables.input.parameters.0.fileValue.upload'],
        1: ['variables.input.parameters.1.fileValue.upload'],
        2: ['variables.input.parameters.2.fileValue.upload'],
      })
      const [contract, note, photo] = ['0', '1', '2'].map((name) => form.get(name) as File)
      assert.equal([contract?.name, contract?.type, note?.name], ['contract.pdf', 'application/pdf', 'blob'])
      assert.ok(bytes.equals(Buffer.from(await contract!.arrayBuffer())))
      assert.is(await note?.text(), 'é\r\n--wfg')
      assert.equal([...new Uint8Array(await photo!.arrayBuffer())], [0, 255, 13, 10])
      // As the platform's own FormData writes it; what its parser makes of it differs between runtimes.
      const sent = Buffer.from(requests[0]!.bytes).toString('utf8')
      assert.match(sent, 'filename="blob"\r\nContent-Type: text/plain')
      assert.match(sent, 'filename="ü %221%22.png"\r\nContent-Type: application/octet-stream\r\n')
      assert.match(requests[0]?.headers['content-type'] ?? '', /^multipart\/form-data; boundary=wfg-[\w-]+$/)
      assert.match(requests[0]?.headers['accept'] ?? '', 'application/json')
      assert.is(requests[0]?.headers['apollo-require-preflight'], 'true')
    })
  })
})

multipart('wfg() escapes the name and type of a file, so that they add no header or part', async () => {
  const hostile = { size: 1, type: 'text/plain\r\nX-Evil: 1\r\n\r\n', name: 'a"\r\nX-Evil: 2\r\n\r\n.txt' }
  const upload: Upload = { ...hostile, stream: () => new Blob(['x']).stream() as ReadableStream<Uint8Array> }
  await withClient([OK], {}, async ({ wfg }, { requests }) => {
    await wfg(ATTACH, { input: upload })
    assert.not.match(requests[0]!.body, /^X-Evil/m)
    assert.equal([...(await formOf(requests[0]!)).keys()], ['operations', 'map', '0'])
  })
})

multipart('wfg() sends an empty file and one file in two places', async () => {
  const empty = new File([], 'empty.txt')
  await withClient([OK], {}, async ({ wfg }, { requests }) => {
    await wfg(ATTACH, { a: empty, b: [empty] })
    const form = await formOf(requests[0]!)
    assert.equal(JSON.parse(String(form.get('map'))), { 0: ['variables.a'], 1: ['variables.b.0'] })
    assert.equal([(form.get('0') as File).size, (form.get('1') as File).size], [0, 0])
  })
})

multipart('wfg() leaves the variables as they were', async () => {
  const upload = new Blob(['x'])
  const variables = { input: { list: [upload], since: new Date(0) } }
  const taken = takeUploads(variables)
  assert.ok(variables.input.list[0] === upload)
  assert.equal(taken.variables, { input: { list: [null], since: new Date(0) } })
})

// --- sent again only after a 401 ---

multipart('wfg() sends files again after a 401, from their start', async () => {
  await withFolder(async (folder) => {
    const bytes = randomBytes(200_000)
    writeFileSync(join(folder, 'a.bin'), bytes)
    await withClient([htmlPage(401), OK], {}, async ({ wfg }, { requests }) => {
      await wfg(ATTACH, { input: file(join(folder, 'a.bin')) })
      for (const request of requests)
        assert.ok(bytes.equals(Buffer.from(await ((await formOf(request)).get('0') as File).arrayBuffer())))
      assert.equal(
        requests.map(({ headers }) => headers['authorization']),
        ['Bearer token-1-secret', 'Bearer token-2-secret'],
      )
    })
  })
})

for (const [reply, expected] of [
  [{ status: 429 }, TransportError],
  [htmlPage(503), OutcomeUnknownError],
  [htmlPage(502), OutcomeUnknownError],
  [{ fault: 'reset-after-request' }, OutcomeUnknownError],
] as const) {
  multipart(`wfg() sends files once when the answer is ${reply.fault ?? reply.status}`, async () => {
    await withClient([reply], {}, async ({ wfg }, { requests }) => {
      await rejects(wfg(ATTACH, { input: new Blob(['x']) }, { idempotent: true }), { instance: expected })
      assert.is(requests.length, 1)
    })
  })
}

multipart('wfg() throws an AuthorizationError after the second 401 for files', async () => {
  await withClient([htmlPage(401), htmlPage(401)], {}, async ({ wfg }) => {
    await rejects(wfg(ATTACH, { input: new Blob(['x']) }), { instance: AuthorizationError })
  })
})

multipart('wfg() reads the response of a server that answers before it has read a large file', async () => {
  await withFolder(async (folder) => {
    const path = sparse(folder, 64 * 1024 * 1024)
    let answered = 0
    const early = (request: IncomingMessage) => {
      answered += 1
      request.once('data', () => request.pause())
      return 413
    }
    await withHttp(early, async (url) => {
      const { wfg, close } = clientOf(url)
      await rejects(wfg(ATTACH, { input: file(path) }), { instance: TransportError, code: 'WFG_HTTP', message: /413/ })
      assert.is(answered, 1)
      close()
    })
  })
})

// --- files ---

multipart('file() returns name, type and size', async () => {
  await withFolder((folder) => {
    writeFileSync(join(folder, 'a.XLSX'), 'four')
    const { name, type, size } = file(join(folder, 'a.XLSX'))
    assert.equal([name, type, size], ['a.XLSX', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 4])
    const other = file(join(folder, 'a.XLSX'), { name: 'b', type: 'text/x' })
    assert.equal([other.name, other.type], ['b', 'text/x'])
    writeFileSync(join(folder, 'unknown.qqq'), '')
    assert.is(file(join(folder, 'unknown.qqq')).type, 'application/octet-stream')
  })
})

multipart('file() throws a UsageError for a folder and a missing file', async () => {
  await withFolder(async (folder) => {
    await rejects(() => file(join(folder, 'gone.txt')), {
      instance: UsageError,
      message: /gone\.txt": it cannot be read \(ENOENT\); expected a file\./,
    })
    await rejects(() => file(folder), { instance: UsageError, message: /it is not a file\./ })
  })
})

multipart(
  'wfg() throws a UsageError when a file is gone or shorter by the time it is sent, and sends no byte',
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'a.txt')
      writeFileSync(path, 'content')
      const upload = file(path)
      let bytes = 0
      await withHttp(
        (request) => {
          request.on('data', (chunk: Buffer) => {
            bytes += chunk.length
          })
          return new Promise<number>((resolve) => request.on('end', () => resolve(200)))
        },
        async (url) => {
          const { wfg, close } = clientOf(url)
          rmSync(path)
          await rejects(wfg(ATTACH, { input: upload }), {
            instance: UsageError,
            message: `Cannot upload ${quotedPath(path)}: it cannot be read (ENOENT); expected a file.`,
          })
          writeFileSync(path, 'con')
          await rejects(wfg(ATTACH, { input: upload }), {
            instance: UsageError,
            message:
              `Cannot upload ${quotedPath(path)}: it has 3 bytes now, and had 7 before. ` +
              'Do not shorten the file before it is sent.',
          })
          assert.is(bytes, 0)
          writeFileSync(path, 'more content')
          await wfg(ATTACH, { input: upload })
          close()
        },
      )
    })
  },
)

/** Like graphql-upload: the mutation begins as soon as it is read, and waits for its files. */
multipart('wfg() reports an unknown outcome when a file breaks off while it is sent', async () => {
  for (const [isBroken, found] of [
    [true, 'could not be read to its end (EIO)'],
    [false, 'had only 3 of its 7 bytes'],
  ] as const) {
    let executes = () => {}
    const executed = new Promise<void>((resolve) => {
      executes = resolve
    })
    const stream = () =>
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode('con')),
        async pull(controller) {
          await executed
          if (isBroken) controller.error(Object.assign(new Error('disk'), { code: 'EIO' }))
          else controller.close()
        },
      })
    await withHttp(
      (request) => {
        request.on('data', (chunk: Buffer) => chunk.includes('name="map"') && executes())
        return new Promise<number>((resolve) => request.on('end', () => resolve(200)))
      },
      async (url) => {
        const { wfg, close } = clientOf(url)
        const upload: Upload = { name: 'a.txt', type: 'text/plain', size: 7, stream }
        const { message } = await rejects(wfg(ATTACH, { input: upload }), { instance: OutcomeUnknownError })
        assert.match(message, `no complete answer came: the file "a.txt" ${found}, so the request was left incomplete.`)
        close()
      },
    )
  }
})

multipart('wfg() reports a refused connection for files too', async () => {
  const { wfg, close } = clientOf(await refusedUrl())
  const error = await rejects(wfg(ATTACH, { input: new Blob(['content of it']) }), {
    instance: TransportError,
    code: 'WFG_NETWORK',
    message: /ECONNREFUSED/,
  })
  assert.not.match(shownOf(error), 'content of it')
  close()
})

multipart('wfg() sends a file of 256 MB with at most 64 MiB more memory than a small one', async () => {
  const { dir, run, cleanup } = project({
    'scripts/attach.ts': `import process from 'node:process'
import { file, wfg } from '#wfg'
await wfg(${JSON.stringify(ATTACH)}, { input: file(process.argv[2]!) })
console.log(process.resourceUsage().maxRSS / 1024)`,
  })
  let received = 0
  const count = (request: IncomingMessage) =>
    new Promise<number>((resolve) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length
      })
      request.on('end', () => resolve(200))
    })
  const peakMiB = async (url: string, size: number): Promise<number> => {
    received = 0
    const env = { ...settingsFor({ url }), WFG_TIMEOUT_MS: '120000' }
    const { status, stdout, stderr } = await run([sparse(dir, size)], {
      entry: 'scripts/attach.ts',
      env,
      limitMs: 180_000,
    })
    assert.is(status, 0, stderr)
    assert.ok(received > size && received < size + 2000, `received ${received} bytes`)
    return Number(stdout)
  }
  try {
    await withHttp(count, async (url) => {
      const small = await peakMiB(url, 1024 * 1024)
      const large = await peakMiB(url, 256 * 1024 ** 2)
      assert.ok(large - small < 64, `memory grew from ${small} to ${large} MiB`)
    })
  } finally {
    cleanup()
  }
})

multipart('wfg() aborts an upload in progress', async () => {
  await withFolder(async (folder) => {
    const path = sparse(folder, 64 * 1024 * 1024)
    const ending = new AbortController()
    const reason = new Error('enough')
    const stall = (request: IncomingMessage) =>
      new Promise<number>(() => {
        request.once('data', () => {
          request.pause()
          ending.abort(reason)
        })
      })
    await withHttp(stall, async (url) => {
      const { wfg, close } = clientOf(url)
      await rejects(wfg(ATTACH, { input: file(path) }, { signal: ending.signal }), { instance: OutcomeUnknownError })
      close()
    })
  })
})

multipart('wfg() uploads to the sandbox, which stores what was sent', async () => {
  await withFolder(async (folder) => {
    const bytes = randomBytes(100_000)
    writeFileSync(join(folder, 'order.bin'), bytes)
    const sandbox = await startSandbox({ requests: 5 })
    try {
      const { settings, graphqlUrl } = sandbox
      const answer = await fetch(new URL('oauth/token', settings['WFG_ISSUER']), {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: settings['WFG_CLIENT_ID']!,
          client_secret: settings['WFG_CLIENT_SECRET']!,
          audience: settings['WFG_AUDIENCE']!,
        }),
      })
      const { access_token: token } = (await answer.json()) as { access_token: string }
      const { wfg, close } = clientOf('http://x.test', {
        config: { graphqlUrl: new URL(graphqlUrl) },
        token: { get: async () => token },
      })
      const document = `mutation ($input: CreateRequestInput!) { createRequest(input: $input) { request {
        dataset(filter: { names: ["REQUEST_FILE"] }) { items { fileValue { name contentType size content } } } } } }`
      const parameters = [{ name: 'REQUEST_FILE', fileValue: { upload: file(join(folder, 'order.bin')) } }]
      const input = { processName: 'SIMPLE_REQUEST_FILE', processVersion: 1, parameters }
      const { createRequest } = await wfg(document, { input })
      assert.equal(createRequest.request.dataset.items[0].fileValue, {
        name: 'order.bin',
        contentType: 'application/octet-stream',
        size: 100_000,
        content: bytes.toString('base64'),
      })
      close()
    } finally {
      await sandbox.close()
    }
  })
})

// --- internal ---

async function withFolder(action: (folder: string) => unknown): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wfg-multipart-'))
  try {
    await action(folder)
  } finally {
    // A file whose upload was stopped may still be open, which Windows minds.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** A sparse file. */
function sparse(folder: string, bytes: number): string {
  const path = join(folder, 'large.bin')
  writeFileSync(path, '')
  truncateSync(path, bytes)
  return path
}

/** The platform's own multipart parser. */
function formOf({ bytes, headers }: ReceivedRequest): Promise<FormData> {
  return new Response(Buffer.from(bytes), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData()
}

/** Node's HTTP server, for bodies that a scripted one would collect in memory. */
async function withHttp(
  answer: (request: IncomingMessage) => number | Promise<number>,
  action: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(async (request, response) => {
    request.on('error', () => {})
    response.on('error', () => {})
    if (request.url === '/oauth/token') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(TOKEN.body))
      return
    }
    const status = await answer(request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 200 ? '{"data":{"ok":true}}' : '')
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    await action(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

multipart.run()
