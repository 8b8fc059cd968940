/** The program of `npm start`. */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { printableLines } from '../../lib/core/model/printable.ts'
import { restoreBackup } from './backup/restore.ts'
import { openDoor } from './door/door.ts'
import { endBySignals } from './ending.ts'
import { type Flags, flags, refuseFlagsOfNpm, USAGE, undoCommand } from './flags.ts'
import { type Folder, type FolderState, openFolder } from './folder.ts'
import { diskProblem, Problem } from './problem.ts'
import { restartFleet, type SampleCloud, startSampleCloud } from './sample.ts'
import { createApi } from './screen/api.ts'
import { printBadRuns } from './screen/bad-runs.ts'
import { createScreen } from './screen/screen.ts'
import {
  firstRun,
  foundAgain,
  greeting,
  interruptedRun,
  type Running,
  reconnectSample,
  setUpSample,
  shownIfPossible,
  undoneRun,
  whatNext,
} from './screen/show.ts'
import { type Stack, startStack } from './stack.ts'

/** So quickly that a stop of the simulated cloud, which takes a second or two, is seen at once. */
const SAMPLE_LOOKS = { FOLLOW_FIRST_SECONDS: '1', FOLLOW_MAX_SECONDS: '1' }
/** Where the simulated cloud is. Real ones are on this machine only where somebody says so. */
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost']
/** Whatever is not closed this long after its end has begun is left as it is: the next start goes on with it. */
const MAX_CLOSING_MS = 2000
const MAX_ENDING_MS = 8000

const screen = createScreen({ out: process.stdout, env: process.env })
const say = (text: string): void => void process.stderr.write(printableLines(text))
const ended = new AbortController()
let dataFolder = '.curfew'

// What is written belongs to its owner alone, whatever becomes of the folder.
process.umask(0o077)
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
// A reader such as `head` that has enough: what is under way goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
main(process.argv.slice(2)).catch(fail)

async function main(args: string[]): Promise<void> {
  refuseFlagsOfNpm(process.env)
  const given = flags(args)
  dataFolder = given.data
  if (given.help) return screen.print(USAGE)
  const folder = openFolder({ path: given.data })
  if (given.restore !== null) return restored(given.restore, folder)
  const state = stateOf(folder, given)
  const cloud =
    given.simulator && state.simulator ? await startSampleCloud(folder.path, sampleOf(state)) : null
  const door = openDoor(given, {
    folder: folder.path,
    isReal: cloud === null,
    env: process.env,
    complain: say,
  })
  const stack = await startStack({
    folder: folder.path,
    state,
    listening: door.listening,
    moreHosts: cloud === null ? [] : LOOPBACK_HOSTS,
    variables: variables(cloud),
    trouble,
  })
  endBySignals({ ended, mostMs: MAX_ENDING_MS, say })
  const upSince = new Date()
  const running: Running = {
    api: createApi(stack.gateway.url, door.token?.value ?? door.tokens?.own),
    screen,
    cloud,
    undoCommand: given.once ? undoCommand(given) : null,
    shown: new Set<string>(),
    ended: ended.signal,
  }
  const parts = { ...running, folder: shownPath(folder.path), stack, door }
  greeting(parts)
  const asIntended = await shown({ running, stack, folder, state, given })
  if (!given.once && !ended.signal.aborted) await untilEnded(running, upSince)
  await closed({ folder, cloud, stack })
  process.exit(given.once && !asIntended ? 1 : 0)
}

async function restored(file: string, folder: Folder): Promise<void> {
  const { madeAt, rows } = await restoreBackup(file, folder)
  folder.close()
  screen.print(
    `${folder.path} holds what Curfew held at ${madeAt}, ${rows} rows.`,
    'Stops and starts are switched off. Start it as before; docs/service.md says what to look at first.',
  )
}

function apiOf({ openstack }: FolderState): 'openstack' | 'huaweicloud' {
  return openstack ? 'openstack' : 'huaweicloud'
}
function sampleOf(state: FolderState) {
  return { api: apiOf(state), projects: state.projects }
}

/** Short within the folder that it was started in, whole elsewhere. */
function shownPath(path: string): string {
  const short = relative('', path) || '.'
  return short.startsWith('..') ? path : short
}

interface Shown {
  running: Running
  stack: Stack
  folder: Folder
  state: FolderState
  given: Flags
}

/** What a start has to show; whether the run that was asked for ended as it should. */
async function shown({ running, stack, folder, state, given: { once, undo } }: Shown): Promise<boolean> {
  const { cloud } = running
  const isFirst = cloud !== null && state.sampleAt === null
  if (isFirst) {
    await setUpSample(running, cloud, apiOf(state))
    folder.saveState({ ...state, sampleAt: new Date().toISOString() })
  } else if (cloud !== null) await reconnectSample(running, cloud)
  stack.runner.start()
  const unfinished = isFirst ? null : await shownIfPossible(running, () => foundAgain(running))
  if (cloud === null) return false
  if (undo) return undoneRun(running)
  if (isFirst || once) {
    if (!isFirst) restartFleet(cloud)
    return firstRun(running)
  }
  if (unfinished !== null) await interruptedRun(running, unfinished)
  return false
}

/** What the folder was made for; a new one is made for what was asked now. */
function stateOf(folder: Folder, { simulator, openstack, projects, once }: Flags): FolderState {
  const state = folder.state() ?? { simulator, openstack, projects: projects ?? 1, sampleAt: null }
  folder.saveState(state)
  if (openstack && !state.openstack)
    throw new Problem(
      `--openstack is for a new data folder, and ${folder.path} was made without it. Choose another folder with --data.`,
      { exitCode: 2 },
    )
  if (projects !== null && projects !== state.projects)
    throw new Problem(
      `--projects is for a new data folder, and the sample of ${folder.path} has ${state.projects}. Choose another folder with --data.`,
      { exitCode: 2 },
    )
  if (once && !state.simulator)
    throw new Problem(
      `--once shows the run of the sample, but ${folder.path} was made with --no-simulator. Choose another folder with --data.`,
      { exitCode: 2 },
    )
  return state
}

function variables(cloud: SampleCloud | null): Record<string, string> {
  // Nobody else rings where real servers are stopped: whatever needs a person is said here.
  if (cloud === null) return { LOG_LEVEL: process.env.LOG_LEVEL || 'warn', METADATA_KEYS: 'allowed' }
  const own = process.env.FOLLOW_FIRST_SECONDS || process.env.FOLLOW_MAX_SECONDS
  return { ...cloud.variables, ...(own ? {} : SAMPLE_LOOKS) }
}

async function untilEnded(running: Running, upSince: Date): Promise<void> {
  await shownIfPossible(running, () => whatNext(running))
  screen.print('', 'Ticking each minute, until Ctrl-C')
  // With real clouds they are lines of JSON.
  if (running.cloud !== null) await printBadRuns({ ...running, since: upSince })
  while (!ended.signal.aborted)
    await sleep(60_000, undefined, { signal: ended.signal }).catch(() => undefined)
}

interface Closing {
  folder: Folder
  cloud: SampleCloud | null
  stack: Stack
}

async function closed({ folder, cloud, stack }: Closing): Promise<void> {
  const closing = stack
    .close()
    .then(() => cloud?.close())
    .then(() => folder.close())
  await Promise.race([closing, sleep(MAX_CLOSING_MS)])
}

/** A function that failed is told and tried again; a disk that is full is the end. */
function trouble(where: string, error: unknown): void {
  if (diskProblem(error, dataFolder)) fail(error)
  if (!ended.signal.aborted) say(`${where}: ${error instanceof Error ? error.stack : error}\n`)
}

function fail(error: unknown): never {
  const problem =
    error instanceof Problem ? error : existsSync(dataFolder) ? diskProblem(error, dataFolder) : null
  say(`${problem?.message ?? (error instanceof Error ? error.stack : error)}\n`)
  process.exit(problem?.exitCode ?? 1)
}
