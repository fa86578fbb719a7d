/** For the Windows Task Scheduler: the definition of a task for each scheduled task, or for the worker. */

import { UsageError } from '../core/errors.ts'
import { windowsWord } from '../host/user_shell.ts'
import { type ExportedFile, GRACE_SECONDS, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'
import { triggersOf } from './windows_triggers.ts'
import { plainNames } from './words.ts'

/** @throws {UsageError} `WFG_USAGE` for a schedule that the Task Scheduler cannot have */
export function windowsTasks(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const names = plainNames(
    tasks.map(({ name }) => name),
    MAX_NAME,
  )
  return tasks.map((task) => {
    const limit = task.timeoutSeconds === undefined ? 0 : task.timeoutSeconds + GRACE_SECONDS
    return definition(names.get(task.name)!, place, {
      description: `${task.description} (${task.cron} ${task.tz})`,
      comments: notKept(task, { keepsMissed: true }),
      triggers: triggersOf(task, place),
      settings: [
        `<StartWhenAvailable>${task.missed === 'once'}</StartWhenAvailable>`,
        `<ExecutionTimeLimit>PT${limit}S</ExecutionTimeLimit>`,
      ],
      words: wordsOf(task, place),
    })
  })
}

/** The worker, which starts with the computer. If it has ended, it is started again within five minutes. */
export function windowsWorker(place: Place): ExportedFile[] {
  const { profileHere, confirm, flags } = place
  const words = [
    'worker',
    ...(profileHere === undefined ? [] : ['--profile', profileHere]),
    ...(confirm === undefined ? [] : ['--confirm', confirm]),
    ...flags,
  ]
  const file = definition('worker', place, {
    description: 'Runs what is due and what is queued',
    comments: [],
    triggers: ['<BootTrigger><Repetition><Interval>PT5M</Interval></Repetition></BootTrigger>'],
    settings: ['<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>'],
    words,
  })
  return [file]
}

// --- internal ---

const MAX_NAME = 200

interface Definition {
  readonly description: string
  readonly comments: readonly string[]
  readonly triggers: readonly string[]
  readonly settings: readonly string[]
  readonly words: readonly string[]
}

/** Source: learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema, which also gives the order of the elements. */
function definition(
  name: string,
  { directory, program: [command = '', ...first], command: writtenBy }: Place,
  { description, comments, triggers, settings, words }: Definition,
): ExportedFile {
  const file = `wfg-${name}.xml`
  const path = `wfg\\${name}`
  const refused = [...first, ...words].find((word) => /%[\w()]+%/.test(word))
  if (refused !== undefined) {
    throw new UsageError(
      `Cannot export the schedule: the Task Scheduler would replace a variable in ${JSON.stringify(refused)}, an argument of ${JSON.stringify(words[0])}; expected one without %…%.`,
    )
  }
  const lines = [
    `Written by \`${writtenBy} windows\`. To add the task, run as administrator:`,
    `schtasks /Create /TN "${path}" /XML ${file} /RU ACCOUNT /RP *`,
    `To remove it: schtasks /Delete /TN "${path}"`,
    ...comments,
  ]
  // Without letters beyond ASCII, and without an encoding in the first line, the file may be saved in any encoding.
  const text = `<?xml version="1.0"?>
<!-- ${lines.join('\n     ')} -->
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>${xml(description)}</Description>
  </RegistrationInfo>
  <Triggers>
${indented(triggers)}
  </Triggers>
  <Principals>
    <Principal id="Account"><LogonType>Password</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal>
  </Principals>
  <Settings>
${indented([...SETTINGS, ...settings])}
  </Settings>
  <Actions Context="Account">
    <Exec>
      <Command>${xml(command)}</Command>
      <Arguments>${xml([...first, ...words].map(windowsWord).join(' '))}</Arguments>
      <WorkingDirectory>${xml(directory)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`
  return { name: file, text }
}

const SETTINGS = [
  '<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
  '<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
  '<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
]

function indented(elements: readonly string[]): string {
  return elements.map((element) => `    ${element}`).join('\n')
}

function xml(text: string): string {
  return text.replace(/[^ -~]|[&<>]/gu, (character) => `&#${character.codePointAt(0)};`)
}
