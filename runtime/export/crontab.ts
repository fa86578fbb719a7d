/** For cron: lines to paste with `crontab -e`. */
import { refuseProblems } from '../core/problems.ts'
import { type ExportedFile, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'
import { shellWord } from './words.ts'

/** @throws {UsageError} `WFG_USAGE` for an argument of several lines, which no line of cron can hold */
export function crontab(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const start = ['cd', shellWord(place.directory), '&&', ...place.program.map(shellWord)]
  refuseProblems(
    'Cannot write the schedule for cron',
    tasks
      .filter((task) => [...start, ...wordsOf(task, place)].some((word) => /[\r\n]/.test(word)))
      .map(({ name }) => `${JSON.stringify(name)} has an argument of several lines, and cron has one line for a task`),
  )
  const zones = [...new Set(tasks.map(({ tz }) => tz))]
  const blocks = zones.map((tz) => {
    const lines = tasks
      .filter((task) => task.tz === tz)
      .flatMap((task) => linesOf(task, [...start, ...wordsOf(task, place).map(shellWord)]))
    return [`CRON_TZ=${tz}`, ...lines].join('\n')
  })
  return [{ name: 'crontab', text: `${[heading(place), ...blocks].join('\n\n')}\n` }]
}

// --- internal ---

function heading({ command, directory }: Place): string {
  return [
    `# The schedule of ${JSON.stringify(directory)}, written by \`${command} cron\`; add it with \`crontab -e\`.`,
    '# CRON_TZ is known to cronie (Red Hat, Arch, SUSE). The cron of Debian and Ubuntu passes over it and goes by the time zone of the',
    '# computer: there, check that it is the one named, or take `export systemd`. What is below a CRON_TZ goes by it, so let it be the end.',
    '# cron mails what a run prints; MAILTO=you@example.com says to whom.',
    'SHELL=/bin/sh',
  ].join('\n')
}

function linesOf(task: ScheduledTask, words: readonly string[]): string[] {
  // A bare % is the end of the line to cron.
  const line = `${task.cron} ${words.join(' ').replaceAll('%', '\\%')}`
  return [`# ${[task.description, ...notKept(task)].join(' ')}`, line]
}
