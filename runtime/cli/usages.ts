/** What the commands are called, and what help says of them. */

export interface Usage {
  readonly summary: string
  /** As help shows it, for example `run <task or file> [flags]`. */
  readonly usage: string
  /** Paragraphs that follow in the command's own help. */
  readonly details?: readonly string[]
}

export const USAGES = {
  list: { usage: 'list [--json] [--group G]', summary: 'list the tasks' },
  run: {
    usage: 'run <task or file> [flags]',
    summary: 'run a task or a script file',
  },
  help: {
    usage: 'help [<task or command>] [--json]',
    summary: 'show this text, or how a task is used',
  },
  sandbox: {
    usage: 'sandbox [--port N] [--requests N]',
    summary: 'keep the embedded servers running, to learn and test with',
  },
  doctor: {
    usage: 'doctor [--json] [--profile P]',
    summary: 'check the set-up step by step, and say what to do next',
  },
  query: {
    usage: 'query <document | @FILE | -> [-v name=value] [--paginate] [--path a.b]',
    summary: 'send one GraphQL operation and print what it gives',
    details: [
      'The document declares its variables, and their types say how each value is read: -v number=12, -v since=2026-11-01, ' +
        '-v \'names=["A","B"]\' or -v names=A -v names=B, -v \'input={"number":12}\', -v upload=@contract.pdf. ' +
        '--variables FILE|- reads a JSON object of them; -v wins. PowerShell wants @FILE in quotes.',
      'The answer is printed as JSON. --path prints a part of it, a list as rows; --paginate fetches every page of a list ' +
        'and prints its items as rows, of the list at --path where there are several. --operation NAME chooses one of several operations.',
    ],
  },
  init: {
    usage: 'init [--profile P | --here]',
    summary: 'ask for the settings and write them to .env',
    details: [
      'Needs a terminal. Says where each answer is found, checks it, and ends with the steps at the identity provider and in ' +
        'WorkflowGen. --profile test writes .env.test. A file that is there stays beside the new one, as .env.bak.',
      '--here asks nothing: it makes the working directory a repository of scripts that has this package as a dependency.',
    ],
  },
  token: {
    usage: 'token [clear [--all] | reveal] [--json]',
    summary: 'show the state of the access token, remove it, or reveal it',
  },
  runs: {
    usage: 'runs [show|again ID] [--limit N] [--task <task>] [--failed] [--all]',
    summary: 'show what was run, by whom and what became of it, or run it again',
    details: [
      'Every run on this computer leaves a record with its user: the newest 20 of this folder are shown, or --limit of them; ' +
        '--task T and --failed choose, --all takes in other folders. WFG_TOKEN_CACHE=off keeps none, and so does a CI.',
      'show ID tells all that is kept of one run, of whose ID the beginning is enough. again ID runs the same task with the ' +
        'same arguments and the same profile, asks and refuses as that run did, and cannot repeat what was given a secret.',
    ],
  },
  export: {
    usage: 'export cron|systemd|github|kubernetes [--folder FOLDER] [--image IMAGE] [--profile P]',
    summary: 'write the schedule of tasks.ts for an engine that you have already',
    details: [
      'Every task with a schedule is held against its script, and written with its arguments, its time zone and its time limit: ' +
        'lines for crontab -e, a service and a timer for each task, one workflow, or a CronJob for each. What an engine has ' +
        'nothing like is said in a comment.',
      '--folder writes files instead of printing them. --profile, --confirm, --yes, --quiet and --verbose are those of the runs, and ' +
        'without --profile a run on this computer has the one that is in use; in a workflow and in a cluster the settings are variables, and --profile names the environment or the secret that holds them. ' +
        '--image names the container.',
    ],
  },
  schema: {
    usage: 'schema pull|check|diff [A B] [--profile P] [--against FILE|URL] [--json]',
    summary: "keep the server's schema in the repository, and check the scripts against it",
    details: [
      'pull fetches the schema definition and writes scripts/.schema/<profile>.graphql with the types beside it; both are for ' +
        'the repository, so that a team shares them. gql called as a function, gql(`…`), is typed by it.',
      'check holds every document in scripts/ against the schema that was pulled, or another one, without running a script: ' +
        'file, line, column, the rule, and deprecated fields as warnings. It ends with 1 where something does not fit.',
      'diff A B says what changed from one schema to another, breaking changes first, each with the lines of scripts that it ' +
        'touches. A schema is a file, an address, or a profile whose schema was pulled.',
    ],
  },
  new: {
    usage: 'new <name> [--from query|mutation|plain|FILE]',
    summary: 'write a script from a template or another script, with its test, and name it in tasks.ts',
  },
  worker: {
    usage: 'worker [--concurrency N] [--grace SECONDS] [--profile P] [--confirm P]',
    summary: 'keep running what is queued and what tasks.ts schedules',
    details: [
      'Each run is a process of its own; 2 at once, or --concurrency, up to 50. With WFG_DATABASE_URL any number of workers on any ' +
        'number of computers share the queue; without it, it is in a folder of this user, which one worker at a time has.',
      'Scheduled tasks use the profile of the worker; one that is protected wants its name in --confirm. Ctrl-C or SIGTERM: nothing ' +
        'new is begun, and what runs has --grace seconds, 30 unless given. --verbose passes on what the runs say.',
    ],
  },
  enqueue: {
    usage: 'enqueue <task> [flags]',
    summary: 'queue a task for a worker, and print the id of the job',
    details: [
      'Its arguments are checked now and again when it runs. --profile names the settings, which the worker has of its own; one that ' +
        'is protected wants its name in --confirm now. --yes answers the questions of the script. --dry-run shows what would be queued.',
      'Whatever can be read in a database is no place for secrets: an argument marked by v.metadata({ secret: true }) is refused.',
    ],
  },
  queue: {
    usage: 'queue [retry|drop ID] [--json]',
    summary: 'show what waits, runs and failed, have a job tried again, or drop it',
    details: [
      'As much of the id as no other job has is enough. retry: a dead job waits again. drop: a job that waits or is dead is gone.',
    ],
  },
  completion: {
    usage: 'completion bash|zsh|fish|pwsh',
    summary: 'print what teaches a shell to complete tasks, flags and choices',
  },
  version: {
    usage: '--version',
    summary: 'show versions, for a bug report',
  },
} satisfies Record<string, Usage>

export type CommandName = keyof typeof USAGES

/** No task may have one of these names. */
export const RESERVED_NAMES: readonly string[] = Object.keys(USAGES)
