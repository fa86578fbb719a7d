import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../../core/errors.ts'
import { didYouMean } from '../../core/nearest.ts'
import { systemReason } from '../../core/system_code.ts'
import { quotedPath } from '../../core/visible.ts'
import { type ExportedFile, placeOf, scheduledTasks } from '../../export/scheduled.ts'
import type { CommandCall } from '../../tasks/run/command_call.ts'
import { commandArguments } from '../command_arguments.ts'

/** Writes the schedule of `tasks.ts` for another engine. */
export async function run(call: CommandCall): Promise<void> {
  const { args, host, flags, lifecycle } = call
  const { values, positionals } = commandArguments('export', args, {
    folder: { type: 'string' },
    image: { type: 'string' },
    worker: { type: 'boolean' },
  })
  const [name, ...more] = positionals
  lifecycle.subject = 'The command export'
  const engine = name !== undefined && Object.hasOwn(ENGINES, name) ? ENGINES[name as keyof typeof ENGINES] : undefined
  if (!engine || more.length > 0) {
    const hint = name === undefined || engine ? '' : didYouMean(name, Object.keys(ENGINES))
    throw new UsageError(`Cannot export the schedule: expected one engine of ${Object.keys(ENGINES).join(', ')}${hint}`)
  }
  if (values['image'] !== undefined && name !== 'kubernetes') {
    throw new UsageError('Cannot export the schedule: --image is only for kubernetes.')
  }
  if (values['worker'] && name !== 'windows') {
    throw new UsageError(
      'Cannot export the worker: --worker is only for windows. The guide `help scheduling` has a unit for systemd.',
    )
  }
  if (flags.out !== undefined) {
    throw new UsageError(
      'Cannot export the schedule to --out, which is for results: redirect the output, or use --folder.',
    )
  }
  const place = placeOf(call, values['image'] as string | undefined)
  const files = values['worker']
    ? (await import('../../export/windows.ts')).windowsWorker(place)
    : (await engine())(await scheduledTasks(call), place)
  const folder = values['folder'] as string | undefined
  if (folder === undefined) return host.stdout.write(printed(files))
  for (const file of files) await host.stdout.write(`${write(resolve(host.cwd(), folder), file)}\n`)
}

// --- internal ---

const ENGINES = {
  cron: async () => (await import('../../export/crontab.ts')).crontab,
  systemd: async () => (await import('../../export/systemd.ts')).systemdUnits,
  github: async () => (await import('../../export/github.ts')).githubWorkflow,
  windows: async () => (await import('../../export/windows.ts')).windowsTasks,
  kubernetes: async () => (await import('../../export/kubernetes.ts')).kubernetesManifest,
}

/** Returns several files one after another, each below its name. */
function printed(files: readonly ExportedFile[]): string {
  if (files.length === 1) return files[0]!.text
  return files.map(({ name, text }) => `# --- ${name} ---\n${text}`).join('\n')
}

function write(folder: string, { name, text }: ExportedFile): string {
  const file = join(folder, name)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text)
  } catch (error) {
    throw new UsageError(
      `Cannot write ${quotedPath(file)}: the system says ${systemReason(error)}; it must be a place that you may write to.`,
    )
  }
  return file
}
