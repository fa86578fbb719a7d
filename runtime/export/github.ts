/** For GitHub Actions: one workflow, a job for each task. */

import { refuseProblems } from '../core/problems.ts'
import { posixWord } from '../host/user_shell.ts'
import { type ExportedFile, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'
import { cronInUtc, firstTime, offsetsOf } from './utc.ts'
import { plainNames, yamlText } from './words.ts'

/** @throws {UsageError} `WFG_USAGE` for times that cannot be written in UTC, and for words that GitHub would replace */
export function githubWorkflow(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const problems: string[] = []
  const crons = new Map(tasks.map((task) => [task, cronsOf(task, place, problems)]))
  for (const task of tasks) {
    const { name } = task
    if (wordsOf(task, place, ELSEWHERE).some((word) => word.includes('${{'))) {
      problems.push(
        `${JSON.stringify(name)} has an argument with \${{, which GitHub would take for an expression of its own`,
      )
    }
  }
  refuseProblems('Cannot write the schedule for GitHub', problems)
  const ids = plainNames(
    tasks.map(({ name }) => name),
    60,
  )
  const times = [...new Set([...crons.values()].flat())].map((cron) => `    - cron: ${yamlText(cron)}`)
  const choices = tasks.map(({ name }) => `          - ${yamlText(name)}`)
  const jobs = tasks.map((task) => jobOf(task, crons.get(task)!, `task-${ids.get(task.name)}`, place))
  const text = `${heading(place)}
name: WorkflowGen scripts
on:
  schedule:
${times.join('\n')}
  workflow_dispatch:
    inputs:
      task:
        description: what to run now
        type: choice
        required: true
        options:
${choices.join('\n')}
permissions:
  contents: read
jobs:
${jobs.join('\n')}`
  return [{ name: 'wfg.yml', text }]
}

// --- internal ---

/** Settings that are not secret: variables of the repository or of its environment. */
const VARIABLES = ['WFG_GRAPHQL_URL', 'WFG_ISSUER', 'WFG_AUDIENCE', 'WFG_CLIENT_ID']

/** GitHub's environment with the name of the profile has the settings. */
const ELSEWHERE = { isElsewhere: true }

/** The time limit of a job without `timeoutSeconds`. */
const DEFAULT_MINUTES = 360

function heading({ command, profile }: Place): string {
  const settings = profile === undefined ? 'the repository' : `its environment ${JSON.stringify(profile)}`
  return [
    `# Written by \`${command} github\`; put it into .github/workflows/wfg.yml. The variables and the secret are those of ${settings}.`,
    '# All times are UTC. GitHub starts runs late or skips them when it is busy, and stops after 60 days without a commit in a public repository.',
  ].join('\n')
}

function cronsOf(task: ScheduledTask, { nowMs }: Place, problems: string[]): string[] {
  const { name, tz, fields, cron } = task
  const [offset = 0, other, ...more] = offsetsOf(tz, nowMs)
  const label = JSON.stringify(name)
  if (other !== undefined) {
    const times = [offset, other, ...more]
      .map((each) => `${firstTime(fields, each)} UTC`)
      .join(' in one part of the year and ')
    problems.push(
      `${label}: GitHub only knows UTC, and ${firstTime(fields, 0)} in ${tz} is ${times} in another; give its schedule tz: 'UTC'`,
    )
    return []
  }
  const crons = offset === 0 ? [cron] : cronInUtc(fields, offset)
  if (crons) return crons
  problems.push(
    `${label}: in UTC, its time in ${tz} is on another day, which may be in another month; give its schedule tz: 'UTC'`,
  )
  return []
}

function jobOf(task: ScheduledTask, crons: readonly string[], id: string, place: Place): string {
  const isDue = crons.map((cron) => `github.event.schedule == '${cron}'`)
  const isAsked = `inputs.task == '${task.name}'`
  const minutes = task.timeoutSeconds === undefined ? DEFAULT_MINUTES : Math.ceil(task.timeoutSeconds / 60) + 5
  const { profile } = place
  const comments = notKept({ ...task, concurrencyKey: undefined }).map((line) => `    # ${line}\n`)
  const zone = task.tz === 'UTC' ? '' : `    # ${task.cron} in ${task.tz}.\n`
  return `  ${id}:
${comments.join('')}${zone}    name: ${yamlText(task.name)}
    if: ${yamlText([...isDue, isAsked].join(' || '))}
    runs-on: ubuntu-latest
    timeout-minutes: ${minutes}
    concurrency:
      group: ${yamlText(`wfg-${task.concurrencyKey ?? task.name}`)}
      cancel-in-progress: false
${profile === undefined ? '' : `    environment: ${yamlText(profile)}\n`}    steps:
      - uses: actions/checkout@v4
${setUp(place)}      - run: ${yamlText([...starter(place), ...wordsOf(task, place, ELSEWHERE)].map(posixWord).join(' '))}
        env:
${VARIABLES.map((name) => `          ${name}: \${{ vars.${name} }}`).join('\n')}
          WFG_CLIENT_SECRET: \${{ secrets.WFG_CLIENT_SECRET }}
`
}

function setUp({ runtime }: Place): string {
  if (runtime === 'deno') return '      - uses: denoland/setup-deno@v2\n      - run: deno install\n'
  if (runtime === 'bun') return '      - uses: oven-sh/setup-bun@v2\n      - run: bun install\n'
  return `      - uses: actions/setup-node@v4
        with:
          node-version: 24
          cache: npm
      - run: npm ci
`
}

function starter({ runtime, program }: Place): string[] {
  return [runtime, ...program.slice(1)]
}
