/** `progress(done, total?)`: count, rate and remaining time, on a terminal one line that is written over, elsewhere a line a minute. */
import type { Host } from '../host.ts'
import type { ToolFlags } from './tool_flags.ts'

export interface Progress {
  show(done: number, total?: number): void
  /** Leaves the last state on a line of its own. */
  end(): void
}

const REDRAW_MS = 100
const LINE_MS = 60_000
/** A rate over less says little. */
const MEASURED_MS = 1000

export function createProgress(host: Pick<Host, 'stderr' | 'nowMs' | 'monotonicMs'>, flags: ToolFlags): Progress {
  const onTerminal = host.stderr.isTTY
  const startMs = host.monotonicMs()
  let shownAtMs = startMs
  let open = false
  return {
    show(done, total) {
      if (flags.quiet) return
      const isComplete = total !== undefined && done >= total
      const nowMs = host.monotonicMs()
      if (!isComplete && nowMs - shownAtMs < (onTerminal ? REDRAW_MS : LINE_MS)) return
      shownAtMs = nowMs
      const text = progressText(done, total, nowMs - startMs)
      void host.stderr.write(onTerminal ? `\r\u001b[K${text}` : `${text}\n`)
      open = onTerminal
    },
    end() {
      if (open) void host.stderr.write('\n')
      open = false
    },
  }
}

/** Such as `120 of 400, 24/s, 12 s left`. */
export function progressText(done: number, total: number | undefined, elapsedMs: number): string {
  const parts = [total === undefined ? String(done) : `${done} of ${total}`]
  if (elapsedMs >= MEASURED_MS && done > 0) {
    const perSecond = (done / elapsedMs) * 1000
    parts.push(perSecond >= 1 ? `${round(perSecond)}/s` : `${round(perSecond * 60)}/min`)
    if (total !== undefined && total > done) parts.push(`${duration((total - done) / perSecond)} left`)
  }
  return parts.join(', ')
}

// --- internal ---

function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${round(seconds / 3600)} h`
}
