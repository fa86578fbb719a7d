/** For cron: lines to paste with `crontab -e`. */
import { refuseProblems } from '../core/problems.ts'
import { quotedPath } from '../core/visible.ts'
import { posixWord } from '../host/user_shell.ts'
import { type ExportedFile, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'

/** @throws {UsageError} `WFG_USAGE` for an argument of several lines, which a line of cron cannot have */
export function crontab(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const start = ['cd', posixWord(place.directory), '&&', ...place.program.map(posixWord)]
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
      .flatMap((task) => linesOf(task, [...start, ...wordsOf(task, place).map(posixWord)]))
    return [`CRON_TZ=${tz}`, ...lines].join('\n')
  })
  return [{ name: 'crontab', text: `${[heading(place), ...blocks].join('\n\n')}\n` }]
}

// --- internal ---

function heading({ command, directory }: Place): string {
  return [
    `# The schedule of ${quotedPath(directory)}, written by \`${command} cron\`; add it with \`crontab -e\`.`,
    '# cronie (Red Hat, Arch, SUSE) reads CRON_TZ. The cron of Debian and Ubuntu ignores it and uses the time zone of the computer:',
    '# check there that it is the same, or use `export systemd`. All lines below a CRON_TZ use it, so put this at the end of the crontab.',
    '# cron mails what a run prints. MAILTO=you@example.com sets the address.',
    'SHELL=/bin/sh',
  ].join('\n')
}

function linesOf(task: ScheduledTask, words: readonly string[]): string[] {
  // An unescaped % ends the command.
  const line = `${task.cron} ${words.join(' ').replaceAll('%', '\\%')}`
  return [...[task.description, ...notKept(task)].map((text) => `# ${text}`), line]
}
