/** The flags of `npm start`. */
import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import { isLoopback } from '../../lib/core/documents/connection.ts'
import { urlHost } from './door/origin.ts'
import { Problem } from './problem.ts'
import { MOST_PROJECTS } from './sample-projects.ts'

export interface Flags {
  once: boolean
  /** With `once`: the latest run of the sample is taken back. */
  undo: boolean
  simulator: boolean
  /** Real connections: every request bears the token of the data folder. */
  token: boolean
  /** The sample's cloud is a plain OpenStack. */
  openstack: boolean
  /** How many projects the sample has; `null`: not said. */
  projects: number | null
  /** Where HTTP listens. */
  address: string
  /** 0: a free one. */
  port: number
  /** The file of tokens; `null`: there is none. */
  tokens: string | null
  /** The address of the reverse proxy that says who asks; `null`: there is none. */
  proxy: string | null
  data: string
  /** A backup that fills the data folder; `null`: none. */
  restore: string | null
  help: boolean
}

export const USAGE = `Curfew on this machine: table, queues, timer, functions and HTTP, on 127.0.0.1 unless --listen says otherwise.

  npm start                      a simulated cloud with a sample, one run of it at once, then the timer until Ctrl-C
  npm start -- --once            the same first run, then exits: 0 when it ended as the sample intends, else 1
  npm start -- --once --undo     starts again what that run stopped, then exits: 0 when all of it runs again, else 1
  npm start -- --no-simulator    no sample and no simulated cloud: for real connections; requests bear the token of
                                 the data folder

  --openstack      the sample's cloud is a plain OpenStack, Keystone and Nova, instead of Huawei Cloud; for a new data folder
  --projects N     a sample of N projects in several regions, each with a connection and a run; for a new data folder
  --no-token       with real connections, too, requests need no token: whoever has an account here owns Curfew
  --port N         where HTTP listens, 0 for a free port (default 3000)
  --listen ADDRESS:PORT
                   where HTTP listens instead of 127.0.0.1; any other address needs --tokens, and PUBLIC_URL
  --tokens FILE    requests bear one of the tokens of this file (npx curfew token NAME --role ROLE --tokens FILE)
  --proxy ADDRESS  with --tokens: a reverse proxy, whose X-Forwarded-For says who asks
  --data FOLDER    where everything is kept, one process at a time (default .curfew)
  --restore FILE   fills a new data folder from a backup (npx curfew backup FILE), then exits
  --help           this text
`
const OPTIONS = {
  once: { type: 'boolean' },
  undo: { type: 'boolean' },
  'no-simulator': { type: 'boolean' },
  'no-token': { type: 'boolean' },
  openstack: { type: 'boolean' },
  projects: { type: 'string' },
  port: { type: 'string' },
  listen: { type: 'string' },
  tokens: { type: 'string' },
  proxy: { type: 'string' },
  data: { type: 'string' },
  restore: { type: 'string' },
  help: { type: 'boolean' },
} as const

const VALUED = ['projects', 'port', 'listen', 'tokens', 'proxy', 'data', 'restore']
const DEFAULTS = { address: '127.0.0.1', port: 3000, data: '.curfew' }

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
    projects: values.has('projects') ? projectsOf(values.get('projects')) : null,
    ...placeOf(values),
    tokens: values.has('tokens') ? pathOf('--tokens: expected a file', values.get('tokens')) : null,
    proxy: values.has('proxy') ? proxyOf(values.get('proxy')) : null,
    data: values.has('data') ? pathOf('--data: expected a folder', values.get('data')) : DEFAULTS.data,
    restore: values.has('restore') ? pathOf('--restore: expected a backup', values.get('restore')) : null,
    help: values.has('help'),
  }
  refuseOddOnes(read)
  return read
}

function refuseOddOnes(read: Flags): void {
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
  if (read.projects !== null && (read.openstack || !read.simulator))
    throw wrong(
      `--projects makes a sample in several regions of Huawei Cloud: expected it without ${read.openstack ? '--openstack' : '--no-simulator'}, got both`,
    )
  refuseOpenDoor(read)
}

function refuseOpenDoor({ address, tokens, token, proxy }: Flags): void {
  if (tokens === null && !isLoopback(urlHost(address)))
    throw wrong(
      `--listen: expected 127.0.0.1, or --tokens with it, got ${address}: whoever reaches it could do everything`,
    )
  if (tokens !== null && !token)
    throw wrong('--no-token asks for no token, and --tokens for one: expected one of them, got both')
  if (proxy !== null && tokens === null)
    throw wrong('--proxy says who asks, by whom wrong tokens are counted: expected --tokens with it')
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
  if (!VALUED.includes(name) && value !== undefined) throw wrong(`--${name} takes no value, got "${value}"`)
  return name
}

function projectsOf(value: string | undefined): number {
  const projects = /^\d$/.test(value ?? '') ? Number(value) : 0
  if (projects >= 1 && projects <= MOST_PROJECTS) return projects
  throw wrong(`--projects: expected a whole number from 1 to ${MOST_PROJECTS}, got ${quoted(value)}`)
}

function portOf(value: string | undefined): number {
  const port = /^\d{1,5}$/.test(value ?? '') ? Number(value) : Number.NaN
  if (port <= 65_535) return port
  throw wrong(`--port: expected a whole number from 0 to 65535, got ${quoted(value)}`)
}

/** An address without a port would leave open which one, a name to which of its addresses. */
function placeOf(values: Map<string, string | undefined>): Pick<Flags, 'address' | 'port'> {
  const { address, port } = DEFAULTS
  if (!values.has('listen')) return { address, port: values.has('port') ? portOf(values.get('port')) : port }
  if (values.has('port')) throw wrong('--listen names the port: expected it without --port, got both')
  const given = values.get('listen')
  const [, six, four = six, digits] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(given ?? '') ?? []
  if (four === undefined || isIP(four) !== (six === undefined ? 4 : 6) || Number(digits) > 65_535)
    throw wrong(
      `--listen: expected an address and a port, such as 0.0.0.0:3000 or [::]:3000, got ${quoted(given)}`,
    )
  return { address: four, port: Number(digits) }
}

function proxyOf(value: string | undefined): string {
  if (value !== undefined && isIP(value) !== 0) return value
  throw wrong(`--proxy: expected the address of a reverse proxy, such as 127.0.0.1, got ${quoted(value)}`)
}

function pathOf(expected: string, value: string | undefined): string {
  if (value !== undefined && value !== '' && !value.startsWith('-')) return value
  throw wrong(`${expected}, got ${quoted(value)}`)
}

const quoted = (value: string | undefined): string => (value === undefined ? 'nothing' : `"${value}"`)
