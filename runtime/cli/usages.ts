/** The names of the commands, and their help. */

export interface Usage {
  readonly summary: string
  /** For example `run <task or file> [flags]`. */
  readonly usage: string
  /** Further paragraphs of `help <command>`. */
  readonly details?: readonly string[]
}

export const USAGES = {
  list: { usage: 'list [--json] [--group G]', summary: 'list the tasks' },
  run: { usage: 'run <task or file> [flags]', summary: 'run a task or a script file' },
  help: {
    usage: 'help [<task or command>] [--json]',
    summary: 'show this text, or the help of a task, a command or a guide',
  },
  sandbox: {
    usage: 'sandbox [--port N] [--requests N]',
    summary: 'run the embedded servers until Ctrl-C, to learn and test with',
    details: [
      '--port N chooses the port (default: a free one). --requests N makes as many requests of invented data (default 400).',
    ],
  },
  doctor: {
    usage: 'doctor [--json] [--profile P]',
    summary: 'check the set-up step by step, and show the next thing to do',
  },
  query: {
    usage: 'query <document | @FILE | -> [-v name=value] [--paginate] [--path a.b]',
    summary: 'send one GraphQL operation and print its result',
    details: [
      'Each value is read by the type that the document declares for its variable: -v number=12, -v since=2026-11-01, ' +
        '-v \'names=["A","B"]\' or -v names=A -v names=B, -v \'input={"number":12}\', -v upload=@contract.pdf. ' +
        '--variables FILE|- reads a JSON object of variables; -v overrides it. In PowerShell, put @FILE in quotes.',
      'The response is printed as JSON. --path prints a part of it, and a list there as rows. --paginate fetches every page of a ' +
        'list and prints its items as rows; if there are several lists, --path chooses one. --operation NAME chooses one of several operations.',
    ],
  },
  init: {
    usage: 'init [--profile P | --here [--yes]]',
    summary: 'ask for the settings and write them to .env',
    details: [
      'Needs a terminal. It says where to find each answer, checks it, and ends with the steps at the identity provider and in ' +
        'WorkflowGen. --profile test writes .env.test. An existing file is kept as .env.bak.',
      '--here turns the working directory into a repository of scripts that depends on this package: the ready scripts, a test, ' +
        'npm test, npm run check, and a set-up for editors and CI. It asks which scripts you want; --yes takes all. It overwrites ' +
        'nothing: if a file is there already, it writes NAME.new beside it.',
      'After an update of the package, run it again. It adds new files and updates those that you have not changed. For the others ' +
        'it shows what the new version changes.',
    ],
  },
  token: {
    usage: 'token [clear [--all] | reveal] [--json]',
    summary: 'show the state of the access token, clear it, or reveal it',
  },
  runs: {
    usage:
      'runs [show ID [--output|--log [--follow]] | again ID] [--limit N] [--task <task>] [--failed] [--since TIME] [--by USER] [--on COMPUTER] [--all] [--json]',
    summary: 'show the runs, with who started them and how they ended, or run one again',
    details: [
      'Every run on this computer leaves a record for its user. The newest 20 of this folder are shown, or --limit of them. ' +
        '--task T and --failed select runs, and so do --since (today, 2h, 3d, 2026-11-28, "2026-11-28 07:30"), --by with a user of the ' +
        'computer or of WorkflowGen, and --on with a computer. --all includes other folders, --json gives the whole records. With ' +
        'WFG_TOKEN_CACHE=off and in a CI there are no records.',
      'show ID shows everything about one run; the beginning of its ID is enough. again ID runs the same task with the same ' +
        'arguments and profile, under the same guards. It cannot repeat a run that was given a secret.',
      'show ID --output prints what a run of a worker gave, and --log what it wrote to standard error; so it is for a run by hand with ' +
        '--keep. --follow goes on until the run has ended. 1 MiB of each is kept: of the output the first, of the log the last.',
    ],
  },
  schedule: {
    usage: 'schedule [--days N] [--json]',
    summary: 'show what tasks.ts schedules in the coming week, day by day',
    details: [
      'Times are local, with the time in the zone of the schedule if it differs. The rest of today is shown, and 7 days after it, or ' +
        '--days of them. A task that runs often has one line a day; --json gives every run.',
      'Runs overlap if one starts before the other is expected to end: after the median of its last successful runs on this ' +
        'computer. Tasks with the same concurrencyKey take turns.',
    ],
  },
  export: {
    usage: 'export cron|systemd|windows|github|kubernetes [--folder FOLDER] [--worker] [--image IMAGE] [--profile P]',
    summary: 'write the schedule of tasks.ts for an engine that you already have',
    details: [
      'Checks every task with a schedule against its script, and writes it with its arguments, time zone and time limit: lines for ' +
        'crontab -e, a service and a timer for each task, a definition for the Windows Task Scheduler, one workflow, or a CronJob. A ' +
        'comment says what an engine cannot do. `windows --worker` writes the worker as a task that starts with the computer.',
      '--folder writes files instead of printing them. --profile, --confirm, --yes, --quiet, --verbose and --keep apply to the runs. On this ' +
        'computer the default is the profile in use. In a workflow or a cluster the settings are variables, and --profile names the ' +
        'environment or the secret with them. --image names the container image.',
    ],
  },
  schema: {
    usage: 'schema show|pull|check|diff [A B] [--search WORD] [--profile P] [--against FILE|URL] [--json]',
    summary: "show the server's schema, keep it in the repository, and check the scripts against it",
    details: [
      'show lists the queries and mutations. show Request and show Request.actions show a type and a field, with their ' +
        'arguments, descriptions and what is deprecated. --search WORD finds names and descriptions that have the word. The ' +
        "schema is the one that was pulled, or else the server's.",
      'pull fetches the schema definition and writes scripts/.schema/<profile>.graphql and its types. Commit both, so that your ' +
        'team shares them. They give types to gql called as a function, gql(`…`).',
      'check validates every document in scripts/ against the pulled schema, or against another one, without running a script. It ' +
        'shows file, line, column and rule, and deprecated fields as warnings. Its exit code is 1 if a document is not valid.',
      'diff A B shows the changes from one schema to another, breaking changes first, each with the affected lines of scripts. ' +
        'A schema is a file, an address, or a profile whose schema was pulled.',
    ],
  },
  journal: {
    usage: 'journal FILE [--done KEY… [--request N] | --not-done KEY…] [--json]',
    summary: 'show what the journal of a bulk run records, or settle an unknown entry',
    details: [
      'Shows how many entries are done, unknown and to be sent, and the unknown ones with their keys and times. A run may have ' +
        'the journal meanwhile.',
      'If you found an entry in WorkflowGen, --done KEY records that, so that no run sends it again; --request N keeps the number ' +
        'of its request. --not-done KEY lets the next run send it. Both are recorded with your name and the time.',
    ],
  },
  new: {
    usage: 'new <name> [--from query|mutation|plain|FILE]',
    summary: 'write a script and its test from a template or another script, and register it in tasks.ts',
    details: [
      'query (the default) reads a list page by page and prints rows. mutation changes data of many requests, keeps a journal ' +
        'and has a dry run. plain is the smallest script: a file without arguments that prints its result.',
      'FILE copies another script, given by its path or its task name.',
      'Documents stand in gql(`…`), with parentheses. Once the schema of your server is pulled, their variables and results have types.',
    ],
  },
  worker: {
    usage: 'worker [--concurrency N] [--grace SECONDS] [--port N] [--host ADDRESS] [--profile P] [--confirm P]',
    summary: 'run queued tasks and those that tasks.ts schedules',
    details: [
      'Each run is a process of its own. 2 run at once, or --concurrency of them, up to 50. With WFG_DATABASE_URL any number of ' +
        'workers on any number of computers share the queue. Without it, the queue is in a folder of this user, for one worker at a time.',
      'Scheduled tasks use the profile of the worker. If it is protected, give its name in --confirm. After Ctrl-C or SIGTERM no run ' +
        'starts, and those that run have --grace seconds to end (default 30). --verbose shows what the runs print.',
      '--port serves /health for probes and /metrics for Prometheus, to this computer or on the address of --host.',
    ],
  },
  enqueue: {
    usage: 'enqueue <task> [flags]',
    summary: 'queue a task for a worker, and print the id of the job',
    details: [
      'The arguments are checked now, and again when the task runs. --profile names the settings, which the worker must have. If it is ' +
        'protected, give its name in --confirm. --yes answers the questions of the script. --dry-run shows what would be queued.',
      'An argument marked by v.metadata({ secret: true }) is refused, because others can read the database.',
    ],
  },
  queue: {
    usage: 'queue [retry|drop ID] [--json]',
    summary: 'show waiting, running and failed jobs, retry a job, or drop it',
    details: [
      'The beginning of an id is enough if it is unique. retry queues a dead job again. drop removes a waiting or dead job.',
    ],
  },
  completion: {
    usage: 'completion bash|zsh|fish|pwsh',
    summary: 'print the completion script of a shell, for tasks, flags and choices',
  },
  version: {
    usage: '--version',
    summary: 'show the versions, for a bug report',
  },
} satisfies Record<string, Usage>

export type CommandName = keyof typeof USAGES

/** Names that a task cannot have. */
export const RESERVED_NAMES: readonly string[] = Object.keys(USAGES)
