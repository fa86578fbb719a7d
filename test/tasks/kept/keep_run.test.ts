import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRedactor } from '../../../runtime/core/redact.ts'
import { keepRun } from '../../../runtime/tasks/kept/keep_run.ts'
import { type KeptPart, MAX_BYTES, type StreamName } from '../../../runtime/tasks/kept/kept.ts'
import { createLines } from '../../../runtime/tasks/kept/lines.ts'
import { manualClock } from '../../_clock.ts'

const keep = suite('tasks/kept')

const SECRET = 'hush/hush+hush-'.repeat(40)

function kept() {
  const clock = manualClock()
  const redactor = createRedactor()
  const parts: Record<StreamName, KeptPart[]> = { output: [], log: [] }
  const mask = (text: string) => redactor.text(text)
  const keeping = keepRun(clock, mask, [{ add: (name, part) => void parts[name].push(part) }])
  const textOf = (name: StreamName) => parts[name].map(({ data }) => Buffer.from(data).toString()).join('')
  return { clock, redactor, mask, keeping, parts, textOf, hasGap: (name: StreamName) => hasGap(parts[name]) }
}

function hasGap(parts: readonly KeptPart[]): boolean {
  let next = 0
  for (const { at, data } of parts) {
    if (at !== next) return true
    next = at + data.length
  }
  return false
}

keep('what is printed is handed over after half a second, and at the end', async () => {
  const { clock, keeping, textOf } = kept()
  keeping.output('{"a":1}\n')
  keeping.log('begin\n')
  assert.is(textOf('log'), '')
  await clock.advance(500)
  assert.equal([textOf('output'), textOf('log')], ['{"a":1}\n', 'begin\n'])
  keeping.log('end')
  await keeping.close()
  assert.is(textOf('log'), 'begin\nend')
  assert.is(keeping.log('late'), false)
})

keep('a secret that becomes known before the lines are handed over is masked', async () => {
  const { redactor, keeping, textOf } = kept()
  keeping.log(`token ${SECRET}\n`)
  redactor.add(SECRET)
  await keeping.close()
  assert.is(textOf('log'), 'token [redacted]\n')
})

keep('a secret is masked wherever a chunk ends', async () => {
  const text = `say ${SECRET}\n`
  for (let size = 1; size < text.length; size += 37) {
    const { redactor, mask, keeping, textOf } = kept()
    redactor.add(SECRET)
    const lines = createLines(mask, keeping.log)
    for (let at = 0; at < text.length; at += size) lines.add(text.slice(at, at + size))
    lines.end()
    await keeping.close()
    assert.is(textOf('log'), 'say [redacted]\n', `chunks of ${size}`)
  }
})

keep('a line of any length takes bounded memory, and its secrets are masked in each of their forms', async () => {
  const { redactor, mask, keeping, textOf } = kept()
  redactor.add(SECRET)
  let longest = 0
  const lines = createLines(mask, (line) => {
    longest = Math.max(longest, line.length)
    return keeping.output(line)
  })
  // Of a length that brings each part of it to each end of a part.
  const piece = `${'x'.repeat(997)} ${SECRET} ${encodeURIComponent(SECRET)} ${JSON.stringify(SECRET).replaceAll('/', '\\/')} `
  for (let at = 0; at < 3 * MAX_BYTES; at += piece.length) lines.add(piece)
  lines.end()
  await keeping.close()
  assert.ok(longest < 200_000, `${longest} characters at once`)
  assert.not(/hush/.test(textOf('output')))
  assert.match(textOf('output'), /^x{997} \[redacted\] \[redacted\] "\[redacted\]" x{997} /)
})

keep('of an output, the first MiB is kept, as whole lines, and that there was more', async () => {
  const { keeping, parts, textOf, hasGap } = kept()
  const line = `${JSON.stringify({ text: 'ü'.repeat(500) })}\n`
  let isWanted = true
  for (let at = 0; at < 2 * MAX_BYTES; at += 1000) isWanted = keeping.output(line)
  await keeping.close()
  assert.is(isWanted, false)
  const text = textOf('output')
  assert.ok(Buffer.byteLength(text) <= MAX_BYTES && Buffer.byteLength(text) > MAX_BYTES - 2000)
  assert.ok(text.endsWith(line))
  assert.ok(hasGap('output'))
  assert.is(parts.output.at(-1)?.data.length, 0)
})

keep('an output of exactly a MiB is whole', async () => {
  const { keeping, textOf, hasGap } = kept()
  for (let at = 0; at < MAX_BYTES; at += 1024) keeping.output(`${'x'.repeat(1023)}\n`)
  await keeping.close()
  assert.equal([textOf('output').length, hasGap('output')], [MAX_BYTES, false])
})

keep('of a log that comes faster than it is handed over, the last MiB is kept, as whole lines', async () => {
  const { keeping, parts, textOf, hasGap } = kept()
  for (let number = 0; number < 400_000; number++) keeping.log(`line ${number}\n`)
  await keeping.close()
  const text = textOf('log')
  assert.ok(text.length <= MAX_BYTES && text.length > MAX_BYTES - 200_000)
  assert.match(text, /^line \d+\n/)
  assert.ok(text.endsWith('line 399999\n'))
  assert.ok(hasGap('log') && parts.log[0]!.at > 0)
})

keep.run()
