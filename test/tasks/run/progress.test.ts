import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createProgress, progressText } from '../../../runtime/tasks/run/progress.ts'
import { fakeHost } from '../../_host.ts'

const progress = suite('tasks/progress')

function terminal(isTTY = true) {
  let shown = ''
  const write = async (text: string) => {
    shown += text
  }
  const stderr = {
    isTTY,
    isFile: false,
    columns: isTTY ? 80 : undefined,
    closed: false,
    showsStatus: true,
    write,
    writeAsIs: write,
  }
  const cover = () => {
    stderr.showsStatus = false
  }
  return { host: fakeHost({ stderr }), shown: () => shown, cover }
}

progress('progress() redraws one line on a terminal, at most ten times a second, and ends it', async () => {
  const { host, shown } = terminal()
  const shownProgress = createProgress(host, {})
  shownProgress.show(1, 10)
  await host.advance(100)
  shownProgress.show(2, 10)
  shownProgress.show(3, 10)
  shownProgress.show(10, 10)
  shownProgress.end()
  assert.is(shown(), '\r\u001b[K2 of 10\r\u001b[K10 of 10\n')
})

progress('progress() is a line a minute without a terminal', async () => {
  const { host, shown } = terminal(false)
  const shownProgress = createProgress(host, {})
  for (let done = 1; done <= 180; done++) {
    await host.advance(1000)
    shownProgress.show(done)
  }
  shownProgress.end()
  assert.is(shown(), '60, 1/s\n120, 1/s\n180, 1/s\n')
})

progress(
  'progress() shows the last state on a terminal, even if it was not due or other output replaced it',
  async () => {
    const { host, shown, cover } = terminal()
    const shownProgress = createProgress(host, {})
    await host.advance(100)
    shownProgress.show(1)
    shownProgress.show(2)
    shownProgress.end()
    assert.is(shown(), '\r\u001b[K1\r\u001b[K2\n')
    const covered = createProgress(host, {})
    covered.show(3, 3)
    cover()
    covered.end()
    assert.ok(shown().endsWith('\r\u001b[K3 of 3\r\u001b[K3 of 3\n'), shown())
  },
)

progress('progress() does not write a line for each call if the total grows as well', async () => {
  const { host, shown } = terminal(false)
  const shownProgress = createProgress(host, {})
  for (let done = 1; done <= 100; done++) shownProgress.show(done, done)
  shownProgress.end()
  assert.is(shown(), '1 of 1\n100 of 100\n')
})

progress('progress() says nothing with --quiet', async () => {
  const { host, shown } = terminal()
  const shownProgress = createProgress(host, { quiet: true })
  await host.advance(1000)
  shownProgress.show(1, 1)
  shownProgress.end()
  assert.is(shown(), '')
})

for (const [done, total, elapsedMs, expected] of [
  [0, 10, 5000, '0 of 10'],
  [3, undefined, 500, '3'],
  [3, undefined, 2000, '3, 1.5/s'],
  [120, 400, 5000, '120 of 400, 24/s, 12 s left'],
  [1, 100, 60_000, '1 of 100, 1/min, 1 h 39 min left'],
  [1, 1000, 60_000, '1 of 1000, 1/min, 16 h 39 min left'],
  [10, 10, 2000, '10 of 10, 5/s'],
] as const) {
  progress(`progressText() is ${JSON.stringify(expected)}`, () => {
    assert.is(progressText(done, total, elapsedMs), expected)
  })
}

progress('progressText() has the detail after the count', () => {
  assert.is(progressText(120, 400, 5000, '3 failed'), '120 of 400, 3 failed, 24/s, 12 s left')
})

progress.run()
