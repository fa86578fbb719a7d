/** Times and durations as people read them. */

/** Returns a duration in its two largest units, such as `1 h 5 min`. */
export function spanText(seconds: number): string {
  const total = Math.round(seconds)
  const units = [
    [Math.floor(total / 86_400), 'd'],
    [Math.floor(total / 3600) % 24, 'h'],
    [Math.floor(total / 60) % 60, 'min'],
    [total % 60, 's'],
  ] as const
  const first = units.findIndex(([count]) => count > 0)
  if (first < 0) return '0 s'
  return units
    .slice(first, first + 2)
    .flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : []))
    .join(' ')
}

/** Returns how long a run took: below ten seconds with a decimal, such as `0.4 s`. */
export function tookText(ms: number): string {
  return ms < 9950 ? `${(ms / 1000).toFixed(1)} s` : spanText(ms / 1000)
}

/** Returns a time of today as `5 min ago`, and any other in local time as `2026-11-28 07:33`. */
export function timeText(time: Date, nowMs: number): string {
  const seconds = Math.floor((nowMs - time.getTime()) / 1000)
  if (seconds >= 0 && time.toDateString() === new Date(nowMs).toDateString()) {
    if (seconds < 60) return `${seconds} s ago`
    return seconds < 3600 ? `${Math.floor(seconds / 60)} min ago` : `${Math.floor(seconds / 3600)} h ago`
  }
  const two = (part: number) => String(part).padStart(2, '0')
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`
}
