/** For Kubernetes: a CronJob for each task. */
import { type ExportedFile, GRACE_SECONDS, notKept, type Place, type ScheduledTask, wordsOf } from './scheduled.ts'
import { plainNames, yamlText } from './words.ts'

export function kubernetesManifest(tasks: readonly ScheduledTask[], place: Place): ExportedFile[] {
  const names = plainNames(
    tasks.map(({ name }) => name),
    MAX_NAME - PREFIX.length,
  )
  const documents = tasks.map((task) => cronJob(task, `${PREFIX}${names.get(task.name)}`, place))
  return [{ name: 'cronjobs.yaml', text: `${heading(place)}\n${documents.join('---\n')}` }]
}

// --- internal ---

const PREFIX = 'wfg-'
/** Short, because the names of its jobs start with the name of the CronJob. */
const MAX_NAME = 52
const IMAGE = 'registry.example.com/wfg-scripts:latest'
/** A time that is missed by more than this is skipped. */
const DEADLINE_SECONDS = 60

function heading({ command, profile, image }: Place): string {
  return [
    `# Written by \`${command} kubernetes\`; \`kubectl apply -f\` takes it.`,
    `# The image holds this folder with its packages in /app${image === undefined ? '; name yours with --image' : ''}. The settings are in the secret ${secretOf(profile)}:`,
    `# kubectl create secret generic ${secretOf(profile)} --from-env-file=.env${profile === undefined ? '' : `.${profile}`}`,
  ].join('\n')
}

function secretOf(profile: string | undefined): string {
  return profile === undefined ? 'wfg' : `wfg-${profile.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
}

function cronJob(task: ScheduledTask, name: string, place: Place): string {
  const { runtime, program, image, profile } = place
  const { timeoutSeconds, retry } = task
  const attempts = (retry?.limit ?? 0) + 1
  const deadline = timeoutSeconds === undefined ? undefined : (timeoutSeconds + GRACE_SECONDS) * attempts
  const command = [runtime, ...program.slice(1), ...wordsOf(task, place, { isElsewhere: true })]
  const comments = [
    ...notKept(task, { keepsMissed: true, keepsRetry: true }),
    ...(retry?.delaySeconds ? ['Kubernetes sets the time between attempts itself.'] : []),
  ]
  return `${comments.map((line) => `# ${line}\n`).join('')}apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${yamlText(name)}
  labels:
    app.kubernetes.io/name: wfg
  annotations:
    description: ${yamlText(task.description)}
spec:
  schedule: ${yamlText(task.cron)}
  timeZone: ${yamlText(task.tz === 'UTC' ? 'Etc/UTC' : task.tz)}
  concurrencyPolicy: Forbid
${task.missed === 'skip' ? `  startingDeadlineSeconds: ${DEADLINE_SECONDS}\n` : ''}  jobTemplate:
    spec:
      backoffLimit: ${attempts - 1}
${deadline === undefined ? '' : `      activeDeadlineSeconds: ${deadline}\n`}      template:
        spec:
          restartPolicy: Never
          containers:
            - name: wfg
              image: ${yamlText(image ?? IMAGE)}
              workingDir: /app
              command:
${command.map((word) => `                - ${yamlText(word.replaceAll('$(', '$$$$('))}`).join('\n')}
              envFrom:
                - secretRef:
                    name: ${yamlText(secretOf(profile))}
`
}
