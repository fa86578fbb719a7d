import { createHash, randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Caller, withSandbox } from '../_sandbox.ts'

const parameters = suite('parameters')

const RESULT =
  'request { number dataset(filter: { names: ["REQUEST_FILE"] }) { items { fileValue { name contentType size updatedAt content } } } }'

interface Part {
  name: string
  value: string | Blob
  filename?: string
}

async function upload({ sandbox, token }: Caller, parts: readonly Part[]) {
  const form = new FormData()
  for (const { name, value, filename } of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, filename ?? 'blob')
  }
  const headers = { authorization: `Bearer ${await token()}`, accept: 'multipart/form-data' }
  const response = await fetch(sandbox.graphqlUrl, { method: 'POST', headers, body: form })
  const type = response.headers.get('content-type')
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they asked for
  return { status: response.status, type, ...((await response.json()) as any) }
}

interface FileValue {
  name: string
  contentType: string
  size: number
  updatedAt: string
  content: string
}

function fileOf(payload: { request: { dataset: { items: { fileValue: FileValue }[] } } }) {
  const { content, updatedAt, ...file } = payload.request.dataset.items[0]!.fileValue
  assert.match(updatedAt, /Z$/)
  return { ...file, bytes: Buffer.from(content, 'base64') }
}

parameters('an upload in a variable arrives byte for byte', () =>
  withSandbox(async (caller) => {
    const bytes = randomBytes(3_000_000)
    const operations = JSON.stringify({
      query: `mutation ($fileUpload1: Upload) { createRequest(input: { processName: "SIMPLE_REQUEST_FILE" processVersion: 1
        parameters: [{ name: "REQUEST_FILE" fileValue: { upload: $fileUpload1 } }] }) { ${RESULT} } }`,
      variables: { fileUpload1: null },
    })
    const { status, type, data, errors } = await upload(caller, [
      { name: 'operations', value: operations },
      { name: 'map', value: '{"z_file1":["variables.fileUpload1"]}' },
      { name: 'z_file1', value: new Blob([bytes], { type: 'application/pdf' }), filename: 'Rapport été "1".pdf' },
    ])
    assert.is(errors, undefined)
    assert.is(status, 200)
    assert.match(type, /^application\/json/)
    const file = fileOf(data.createRequest)
    assert.is(file.size, bytes.length)
    assert.is(file.contentType, 'application/pdf')
    assert.match(file.name, /^Rapport été .*1.*\.pdf$/)
    assert.is(createHash('sha256').update(file.bytes).digest('hex'), createHash('sha256').update(bytes).digest('hex'))
  }),
)

parameters('FORM_DATA and FORM_ARCHIVE of a purchase order are files that the published samples can replace', () =>
  withSandbox(async (caller) => {
    const sample = `mutation ($v1: FileInput, $v2: FileInput) { updateRequestDataset(input: { number: 400, parameters: [
      { name: "FORM_DATA", fileValue: $v1 }, { name: "FORM_ARCHIVE", fileValue: $v2 }] }) { clientMutationId } }`
    const { status, errors } = await upload(caller, [
      {
        name: 'operations',
        value: JSON.stringify({ query: sample, variables: { v1: { upload: null }, v2: { upload: null } } }),
      },
      { name: 'map', value: '{"v1":["variables.v1.upload"],"v2":["variables.v2.upload"]}' },
      { name: 'v1', value: new Blob(['<NewDataSet/>'], { type: 'application/xml' }), filename: 'FORM_DATA.xml' },
      { name: 'v2', value: new Blob(['<p>'], { type: 'text/html' }), filename: 'FORM_ARCHIVE.htm' },
    ])
    assert.equal([status, errors], [200, undefined])
    const forms = `{ requests(filter: { processName: "PURCHASE_ORDER" }, page: { size: 200 }) { items { number
      dataset(filter: { names: ["FORM_DATA", "FORM_ARCHIVE"] }) { items { fileValue { name contentType content } } } } } }`
    const { items } = (await caller.data(forms)).requests
    const files = (number: number): FileValue[] => {
      const request = items.find((each: { number: number }) => each.number === number)
      return request.dataset.items.map((item: { fileValue: FileValue }) => item.fileValue)
    }
    assert.equal(
      files(400).map(({ name, contentType }) => `${name} ${contentType}`),
      ['FORM_DATA.xml application/xml', 'FORM_ARCHIVE.htm text/html'],
    )
    const invented = items
      .map(({ number }: { number: number }) => files(number))
      .find((each: unknown[]) => each.every(Boolean))
    assert.match(Buffer.from(invented[0].content, 'base64').toString(), /^<\?xml .*<NewDataSet>/s)
    assert.match(Buffer.from(invented[1].content, 'base64').toString(), /^<!DOCTYPE html>/)
  }),
)

parameters('uploads inside input objects arrive at the places in the map', () =>
  withSandbox(async (caller) => {
    const operations = JSON.stringify({
      query: `mutation ($a: CreateRequestInput!, $b: CreateRequestInput!) { a: createRequest(input: $a) { ${RESULT} } b: createRequest(input: $b) { ${RESULT} } }`,
      operationName: '',
      variables: Object.fromEntries(
        ['a', 'b'].map((name) => [
          name,
          {
            processName: 'SIMPLE_REQUEST_FILE',
            parameters: [
              { name: 'REQUEST_SUBJECT', textValue: name },
              { name: 'REQUEST_FILE', fileValue: { upload: null } },
            ],
          },
        ]),
      ),
    })
    const map = { 0: ['variables.a.parameters.1.fileValue.upload'], 1: ['variables.b.parameters.1.fileValue.upload'] }
    const { data, errors } = await upload(caller, [
      { name: 'operations', value: operations },
      { name: 'map', value: JSON.stringify(map) },
      { name: '0', value: new Blob(['first']), filename: 'a.bin' },
      { name: '1', value: new Blob(['']), filename: 'empty.txt' },
    ])
    assert.is(errors, undefined)
    assert.equal(fileOf(data.a), {
      name: 'a.bin',
      contentType: 'application/octet-stream',
      size: 5,
      bytes: Buffer.from('first'),
    })
    assert.is(fileOf(data.b).name, 'empty.txt')
    assert.is(fileOf(data.b).size, 0)
  }),
)

parameters('a file can be given inline as base64', () =>
  withSandbox(async (caller) => {
    const { number } = (
      await caller.data(
        'mutation { createRequest(input: { processName: "SIMPLE_REQUEST_FILE" }) { request { number } } }',
      )
    ).createRequest.request
    const fileValue = {
      name: 'a.txt',
      contentType: 'text/plain',
      updatedAt: '2020-01-02T03:04:05.6789012Z',
      size: 3,
      content: btoa('abc'),
    }
    const { updateRequestDataset } = await caller.data(
      `mutation ($input: UpdateRequestDatasetInput!) { updateRequestDataset(input: $input) { ${RESULT} } }`,
      { input: { number, parameters: [{ name: 'REQUEST_FILE', fileValue }] } },
    )
    assert.is(updateRequestDataset.request.dataset.items[0].fileValue.updatedAt, '2020-01-02T03:04:05.678Z')
    assert.equal(fileOf(updateRequestDataset), {
      name: 'a.txt',
      contentType: 'text/plain',
      size: 3,
      bytes: Buffer.from('abc'),
    })
  }),
)

parameters('a file that cannot be read is an error', () =>
  withSandbox(async ({ graphql }) => {
    const message = async (fileValue: object) =>
      (
        await graphql(
          'mutation ($file: FileInput) { createRequest(input: { processName: "SIMPLE_REQUEST_FILE", parameters: [{ name: "REQUEST_FILE", fileValue: $file }] }) { clientMutationId } }',
          {
            file: fileValue,
          },
        )
      ).errors?.[0]?.message
    assert.is(await message({ content: 'abc' }), 'The content of data "REQUEST_FILE" is not base64.')
    assert.is(await message({ name: 'x' }), 'Data "REQUEST_FILE" takes a file: neither upload nor content is given.')
    assert.is(
      await message({ url: 'file:///c:/x.txt' }),
      'Cannot read the file of data "REQUEST_FILE" from its URL: no URL is allowed here.',
    )
    assert.match((await message({ upload: 'x' })) ?? '', 'Upload takes a file of a multipart request.')
  }),
)

parameters('a body larger than IIS accepts is refused with 413', () =>
  withSandbox(async (caller) => {
    const operations = JSON.stringify({
      query:
        'mutation ($f: Upload) { createRequest(input: { processName: "SIMPLE_REQUEST_FILE", parameters: [{ name: "REQUEST_FILE", fileValue: { upload: $f } }] }) { clientMutationId } }',
      variables: { f: null },
    })
    const { status, errors } = await upload(caller, [
      { name: 'operations', value: operations },
      { name: 'map', value: '{"0":["variables.f"]}' },
      { name: '0', value: new Blob([new Uint8Array(30_000_000)]) },
    ])
    assert.is(status, 413)
    assert.is(errors.length, 1)
    assert.is((await caller.data('{ requests { totalCount } }')).requests.totalCount, 400)
  }),
)

parameters('an upload with a token that is not valid is refused with 401, and its connection stays usable', () =>
  withSandbox(async (caller) => {
    const headers = { authorization: 'Bearer wrong', 'content-type': 'multipart/form-data; boundary=x' }
    const body = new Uint8Array(20_000_000)
    const response = await fetch(caller.sandbox.graphqlUrl, { method: 'POST', headers, body })
    assert.is(response.status, 401)
    await response.text()
    assert.is((await caller.data('{ requests { totalCount } }')).requests.totalCount, 400)
  }),
)

parameters.run()
