import { parseArgs } from 'node:util'
import { Problem } from './problem.ts'

export interface Flags {
  once: boolean
  /** With `once`: the latest run of the sample is taken back. */
  undo: boolean
  simulator: boolean
  /** Real connections: every request bears the token of the data folder. */
  token: boolean
  /** The sample's cloud is a plain OpenStack. */
  openstack: boolean
  /** 0: a free one. */
  port: number
  data: string
  help: boolean
}

export const USAGE = `Curfew on this machine: table, queues, timer, functions and HTTP, on 127.0.0.1 only.

  npm start                      a simulated cloud with a sample, one run of it at once, then the timer until Ctrl-C
  npm start -- --once            the same first run, then exits: 0 when it ended as the sample intends, else 1
  npm start -- --once --undo     starts again what that run stopped, then exits: 0 when all of it runs again, else 1
  npm start -- --no-simulator    no sample and no simulated cloud: for real connections; requests bear the token of
                                 the data folder

  --openstack      the sample's cloud is a plain OpenStack, Keystone and Nova, instead of Huawei Cloud; for a new data folder
  --no-token       with real connections, too, requests need no token: whoever has an account here owns Curfew
  --port N         where HTTP listens, 0 for a free port (default 3000)
  --data FOLDER    where everything is kept, one process at a time (default .curfew)
  --help           this text
`
const OPTIONS = {
  once: { type: 'boolean' },
  undo: { type: 'boolean' },
  'no-simulator': { type: 'boolean' },
  'no-token': { type: 'boolean' },
  openstack: { type: 'boolean' },
  port: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean' },
} as const

const DEFAULTS = { port: 3000, data: '.curfew' }

const wrong = (what: string) =>
  new Problem(
    `${what}.\nFlags go after two dashes, as in: npm start -- --port 4000. All of them: npm start -- --help`,
    {
      exitCode: 2,
    },
  )

/** Reads the command line. Throws `Problem` that names what is wrong, what was expected and what came. */
export function flags(args: string[]): Flags {
  const { tokens } = parseArgs({
    args,
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values = new Map<string, string | undefined>()
  for (const token of tokens) {
    if (token.kind === 'positional') throw wrong(`Expected a flag, got "${token.value}"`)
    if (token.kind === 'option') {
      const name = checked(token)
      if (values.has(name)) throw wrong(`--${name}: expected once, got it twice`)
      values.set(name, token.value)
    }
  }
  const read: Flags = {
    once: values.has('once'),
    undo: values.has('undo'),
    simulator: !values.has('no-simulator'),
    token: !values.has('no-token'),
    openstack: values.has('openstack'),
    port: values.has('port') ? portOf(values.get('port')) : DEFAULTS.port,
    data: values.has('data') ? folderOf(values.get('data')) : DEFAULTS.data,
    help: values.has('help'),
  }
  if (read.undo && !read.once)
    throw wrong(
      '--undo takes the run of the sample back and exits: expected it with --once, got it alone. To take back any other run: POST /v1/runs/{id}/undo',
    )
  if (read.once && !read.simulator)
    throw wrong(
      '--once shows the run of the sample, which --no-simulator leaves out: expected one of them, got both',
    )
  if (read.openstack && !read.simulator)
    throw wrong(
      '--openstack chooses the simulated cloud, which --no-simulator leaves out: expected one of them, got both',
    )
  return read
}

/** What to type to take back the run that these flags showed. */
export function undoCommand({ data, port }: Flags): string {
  const folder = data === DEFAULTS.data ? '' : ` --data '${data.replaceAll("'", `'\\''`)}'`
  return `npm start -- --once --undo${folder}${port === DEFAULTS.port ? '' : ` --port ${port}`}`
}

/** Throws `Problem` for flags of ours that were given before the two dashes, which npm takes for its own settings. */
export function refuseFlagsOfNpm(env: Record<string, string | undefined>): void {
  const kept = Object.keys(OPTIONS).filter(name => {
    const setting = env[`npm_config_${name.replace(/^no-/, '')}`]
    return name.startsWith('no-') ? setting === '' : setting !== undefined && name !== 'help'
  })
  if (kept.length > 0) throw wrong(`npm took ${kept.map(name => `--${name}`).join(', ')} for itself`)
}

function checked({ name, rawName, value }: { name: string; rawName: string; value?: string }): string {
  const known = Object.keys(OPTIONS)
  if (rawName !== `--${name}` || !(name in OPTIONS))
    throw wrong(`Unknown flag ${rawName}: expected one of ${known.map(flag => `--${flag}`).join(', ')}`)
  const takesValue = name === 'port' || name === 'data'
  if (!takesValue && value !== undefined) throw wrong(`--${name} takes no value, got "${value}"`)
  return name
}

function portOf(value: string | undefined): number {
  const port = /^\d{1,5}$/.test(value ?? '') ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  throw wrong(`--port: expected a whole number from 0 to 65535, got ${quoted(value)}`)
}

function folderOf(value: string | undefined): string {
  if (value !== undefined && value !== '' && !value.startsWith('-')) return value
  throw wrong(`--data: expected a folder, got ${quoted(value)}`)
}

const quoted = (value: string | undefined): string => (value === undefined ? 'nothing' : `"${value}"`)
