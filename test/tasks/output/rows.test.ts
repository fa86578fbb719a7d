import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WfgError } from '../../../runtime/core/errors.ts'
import { rejects } from '../../_assert.ts'
import { memorySink, written } from './_sink.ts'

const rows = suite('tasks/output/rows')

/** Rows 1, 2, 3, … without end; knows how many were asked for and whether it was closed. */
function endless(atRow: (row: number) => unknown = () => {}) {
  const source = { asked: 0, closed: 0, rows: generate() }
  async function* generate(): AsyncGenerator<{ row: number }, void> {
    try {
      for (;;) {
        source.asked++
        await atRow(source.asked)
        yield { row: source.asked }
      }
    } finally {
      source.closed++
    }
  }
  return source
}

/** Lets everything run that can; nothing here waits for time. */
async function turns(count: number) {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

rows('writeRows() stops the source when nobody reads the output any more', async () => {
  const sink = memorySink()
  const source = endless((row) => {
    if (row === 50) sink.closed = true
  })
  await written(source.rows, 'ndjson', { sink })
  assert.is(source.closed, 1)
  assert.is(source.asked, 50)
})

rows('writeRows() never consumes more rows than may wait when the sink is slow', async () => {
  let release: () => void = () => {}
  const sink = memorySink()
  const first = new Promise<void>((resolve) => {
    release = resolve
  })
  sink.write = async () => {
    await first
    sink.closed = true
  }
  const source = endless()
  const writing = written(source.rows, 'ndjson', { sink })
  while (source.asked < 100) await turns(1)
  await turns(20)
  assert.ok(source.asked <= 101, `${source.asked} rows asked for`)
  release()
  await writing
  assert.is(source.closed, 1)
})

rows('writeRows() writes a row before the next one arrives', async () => {
  const sink = memorySink()
  const seen: number[] = []
  const source = endless(async (row) => {
    await turns(1)
    seen.push(sink.writes.length)
    if (row === 4) sink.closed = true
  })
  await written(source.rows, 'ndjson', { sink })
  assert.equal(seen, [0, 1, 2, 3])
})

rows('writeRows() writes few times when the source is faster than the sink', async () => {
  const sink = memorySink()
  const { write } = sink
  sink.write = async (text) => {
    await turns(1)
    await write(text)
  }
  await written(
    Array.from({ length: 10_000 }, (_, row) => ({ row })),
    'csv',
    { sink },
  )
  assert.is(sink.writes.join('').split('\n').length, 10_002)
  assert.ok(sink.writes.length <= 250, `${sink.writes.length} writes`)
})

rows('writeRows() writes a row as it was even if the script changes it afterwards', async () => {
  const same = { n: 0 }
  function* changing() {
    for (; same.n < 3; same.n++) yield same
  }
  for (const [format, text] of [
    ['ndjson', '{"n":0}\n{"n":1}\n{"n":2}\n'],
    ['csv', 'n\n0\n1\n2\n'],
    ['table', 'n\n─\n0\n1\n2\n'],
  ] as const) {
    same.n = 0
    assert.is((await written(changing(), format)).text, text)
  }
})

rows('writeRows() stops the source and rejects with the reason when the signal aborts', async () => {
  const reason = new Error('interrupted')
  const controller = new AbortController()
  const source = endless((row) => {
    if (row === 3) controller.abort(reason)
  })
  const sink = memorySink()
  const error = await rejects(written(source.rows, 'ndjson', { sink, signal: controller.signal }))
  assert.is(error, reason)
  assert.is(source.closed, 1)
  assert.is(sink.writes.join(''), '{"row":1}\n{"row":2}\n')
})

rows('writeRows() ends a waiting source when the signal aborts', async () => {
  const controller = new AbortController()
  let end: (result: IteratorResult<unknown>) => void = () => {}
  const waiting = {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise<IteratorResult<unknown>>((resolve) => {
          end = resolve
        }),
      return: async () => {
        end({ done: true, value: undefined })
        return { done: true as const, value: undefined }
      },
    }),
  }
  const writing = written(waiting, 'json', { signal: controller.signal })
  controller.abort(new Error('interrupted'))
  await rejects(writing, { message: 'interrupted' })
})

rows('writeRows() does not start if the signal has already aborted', async () => {
  const source = endless()
  await rejects(written(source.rows, 'json', { signal: AbortSignal.abort(new Error('early')) }), { message: 'early' })
  assert.is(source.asked, 0)
})

rows('writeRows() writes the rows before an error of the source, and no complete JSON', async () => {
  function* failing() {
    yield { a: 1 }
    throw new Error('broken')
  }
  for (const [format, text] of [
    ['ndjson', '{"a":1}\n'],
    ['json', '[\n{"a":1}'],
    ['csv', 'a\n1\n'],
    ['table', 'a\n─\n1\n'],
  ] as const) {
    const sink = memorySink()
    await rejects(written(failing(), format, { sink }), { message: 'broken' })
    assert.is(sink.writes.join(''), text)
  }
})

rows('writeRows() closes the source and says why when a row contains itself', async () => {
  const circular: { a?: unknown } = {}
  circular.a = circular
  let closed = false
  function* source() {
    try {
      yield { a: 1 }
      yield circular
    } finally {
      closed = true
    }
  }
  for (const format of ['ndjson', 'json', 'csv', 'table'] as const) {
    closed = false
    await rejects(written(source(), format), {
      instance: WfgError,
      message: 'Cannot write a value of the result as JSON: it contains itself',
    })
    assert.is(closed, true)
  }
})

rows('writeRows() fails, and closes the source, when the sink fails', async () => {
  const sink = memorySink()
  sink.write = async () => {
    throw new Error('disk full')
  }
  const source = endless()
  await rejects(written(source.rows, 'ndjson', { sink }), { message: 'disk full' })
  assert.is(source.closed, 1)
})

rows.run()
