/** `progress(done, total?)`: count, rate and remaining time. A terminal has one line that is updated; elsewhere it is a line a minute. */
import { spanText } from '../../core/time_text.ts'
import { visible } from '../../core/visible.ts'
import { type Host, STATUS } from '../../host/host.ts'
import type { ToolFlags } from '../arguments/tool_flags.ts'

export interface Progress {
  show(done: number, total?: number, detail?: string): void
  /** Writes the last state on a line of its own. */
  end(): void
}

const REDRAW_MS = 100
const LINE_MS = 60_000
/** A rate is shown after this time. */
const MEASURED_MS = 1000

export function createProgress(host: Pick<Host, 'stderr' | 'nowMs' | 'monotonicMs'>, flags: ToolFlags): Progress {
  const onTerminal = host.stderr.isTTY
  const startMs = host.monotonicMs()
  let shownAtMs = startMs
  let shown = ''
  let last = { text: () => '', isComplete: false, isShown: true }
  return {
    show(done, total, detail = '') {
      if (flags.quiet) return
      const nowMs = host.monotonicMs()
      const isComplete = total !== undefined && done >= total
      const isDue = nowMs - shownAtMs >= (onTerminal ? REDRAW_MS : LINE_MS) || (isComplete && !last.isComplete)
      last = { text: () => visible(progressText(done, total, nowMs - startMs, detail)), isComplete, isShown: isDue }
      if (!isDue) return
      shownAtMs = nowMs
      shown = last.text()
      if (onTerminal) void host.stderr.writeAsIs(`${STATUS}${shown}`)
      else void host.stderr.write(`${shown}\n`)
    },
    end() {
      const isLost = shown !== '' && host.stderr.showsStatus === false
      if (onTerminal && shown !== '') {
        void host.stderr.writeAsIs(last.isShown && !isLost ? '\n' : `${STATUS}${last.text()}\n`)
      } else if (last.isComplete && !last.isShown) void host.stderr.write(`${last.text()}\n`)
    },
  }
}

/** Such as `120 of 400, 3 failed, 24/s, 12 s left`. */
export function progressText(done: number, total: number | undefined, elapsedMs: number, detail = ''): string {
  const parts = [total === undefined ? String(done) : `${done} of ${total}`, ...(detail === '' ? [] : [detail])]
  if (elapsedMs >= MEASURED_MS && done > 0) {
    const perSecond = (done / elapsedMs) * 1000
    parts.push(perSecond >= 1 ? `${round(perSecond)}/s` : `${round(perSecond * 60)}/min`)
    if (total !== undefined && total > done) parts.push(`${spanText(Math.ceil((total - done) / perSecond))} left`)
  }
  return parts.join(', ')
}

// --- internal ---

function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}
