/** What `npm start` shows and does on the screen, from the greeting to the first run. */
import { ACTIONS, Action } from '../../../lib/core/model/action.ts'
import type { Connection } from '../../../lib/core/model/connection.ts'
import { isEnded } from '../../../lib/core/model/run.ts'
import type { Door } from '../door/door.ts'
import {
  createSample,
  firstRunPolicies,
  isIntended,
  isTakenBack,
  repointSample,
  type SampleCloud,
} from '../sample.ts'
import type { Stack } from '../stack.ts'
import type { Api, FirstPage, ShownOutcome, ShownRun } from './api.ts'
import { watched } from './progress.ts'
import { furtherLooks, nextDue, report } from './report.ts'
import { count, padded, type Screen } from './screen.ts'

/** What is up, as far as the start shows and asks it. */
export interface Running {
  api: Api
  screen: Screen
  /** `null` for real connections. */
  cloud: SampleCloud | null
  /** Set where it ends with the run that it shows: the command that takes that run back. */
  undoCommand: string | null
  /** Ids of runs that were shown from first to last. */
  shown: Set<string>
  ended: AbortSignal
}

const row = (name: string, text: string): string => `  ${padded(name, 12)}${text}`

interface Parts {
  stack: Stack
  folder: string
  door: Door
}

const OPEN_TO_ALL = 'none is asked for (--no-token): whoever has an account on this machine may do everything'

/** The link to the console: the one place where the token of the data folder is told. */
function consoleRows({ screen, stack, door: { token, tokens, listening } }: Running & Parts): string[] {
  const origin = listening.publicUrl?.origin ?? stack.gateway.url
  const link = (hash: string) => row('console', screen.styled('cyan', `${origin}/${hash}`))
  if (tokens !== null) {
    const asked = `requests bear a token of ${tokens.path}, which has ${count(tokens.count())}`
    return [link(''), row('', asked)]
  }
  if (token === null) return [link('')]
  return [
    link(`#token=${token.value}`),
    row('', `other requests bear it: "Authorization: Bearer …", with the token that lies in ${token.file}`),
  ]
}

/** What is up and where. */
export function greeting(running: Running & Parts): void {
  const { screen, cloud, stack, folder, door } = running
  const { gateway, table, queues } = stack
  const { restored, removed } = table.mended ?? { restored: 0, removed: 0 }
  const mended = `${count(restored)} index rows restored and ${count(removed)} removed, torn by a kill`
  screen.print(
    screen.styled('bold', `Curfew is up on this machine, and on ${listeningAt(door)}`),
    row('HTTP', screen.styled('cyan', gateway.url)),
    ...consoleRows(running),
    row('to read', screen.styled('cyan', `${gateway.url}/docs`)),
    ...warningRows(running),
    row('data', folder),
    row('table', `${table.endpoint} (DynamoDB)`),
    row('queues', `${queues.endpoint} (SQS)`),
    row('cloud', cloud === null ? 'no simulated one' : cloudWords(cloud)),
    ...(restored + removed > 0 ? [row('mended', mended)] : []),
  )
}

const listeningAt = ({ listening: { address = '127.0.0.1' } }: Door): string =>
  address === '127.0.0.1' ? '127.0.0.1 only' : address

const IN_CLEAR =
  'PUBLIC_URL is not https: whoever sees the network reads the tokens. Put a reverse proxy before it'

function warningRows({ screen, cloud, door: { token, tokens, listening } }: Running & Parts): string[] {
  const warning = (text: string) => [row('token', screen.styled('yellow', text))]
  if (listening.publicUrl?.protocol === 'http:') return warning(IN_CLEAR)
  return cloud === null && token === null && tokens === null ? warning(OPEN_TO_ALL) : []
}

function cloudWords(cloud: SampleCloud): string {
  const ecs = cloud.servers('ecs').length
  const bms = cloud.servers('bms').length
  return `${cloud.url} (simulated: ${count(ecs)} ECS and ${count(bms)} BMS servers)`
}

export async function setUpSample(
  { api, screen }: Running,
  cloud: SampleCloud,
  connectionApi: Connection['api'],
): Promise<void> {
  await createSample(api, cloud, connectionApi)
  screen.print(
    row(
      'sample',
      `${cloud.projects === 1 ? 'one connection' : `${cloud.projects} connections`} (api ${connectionApi}), policies ${(await api.policies()).items.map(({ id }) => id).join(', ')}`,
    ),
  )
}

/** The simulated cloud has another address at each start. A sample that cannot be read is named, and left. */
export async function reconnectSample({ api, screen }: Running, cloud: SampleCloud): Promise<void> {
  await repointSample(api, cloud).catch(error => screen.print(row('sample', messageOf(error))))
}

/** What the data folder held from before; gives the latest run, where it has not ended. */
export async function foundAgain({ api, screen }: Running): Promise<string | null> {
  const [connections, policies, runs] = await Promise.all([api.connections(), api.policies(), api.runs()])
  const [latest] = runs.items
  const last = latest === undefined ? '' : `, the latest ${latest.id}: ${latest.status}`
  const words = [
    counted(connections, 'connection', 'connections'),
    counted(policies, 'policy', 'policies'),
    `${counted(runs, 'run', 'runs')}${last}`,
  ]
  screen.print(
    row('found', words.join(', ')),
    ...unreadable('connections', connections),
    ...unreadable('policies', policies),
    ...unreadable('runs', runs),
  )
  return latest === undefined || isEnded(latest) ? null : latest.id
}

/** Whatever cannot be shown, the service is up all the same. */
export async function shownIfPossible<T>({ screen }: Running, shown: () => Promise<T>): Promise<T | null> {
  try {
    return await shown()
  } catch (error) {
    screen.print(row('not shown', messageOf(error)))
    return null
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function counted({ items, hasMore }: FirstPage<unknown>, one: string, many: string): string {
  return `${hasMore ? 'at least ' : ''}${count(items.length)} ${items.length === 1 ? one : many}`
}

/** A newer version wrote them, or they are damaged: the others go on. */
const unreadable = (what: string, { unreadable: ids }: FirstPage<unknown>): string[] =>
  ids.length === 0
    ? []
    : [
        row(
          'unreadable',
          `${what} ${ids.join(', ')}: left out everywhere until they are PUT again or DELETEd`,
        ),
      ]

/** Makes one manual run of the sample in each of its projects and shows it to its end; whether all were as the sample intends. */
export const firstRun = (running: Running): Promise<boolean> => inEachProject(running, oneFirstRun)

async function inEachProject(
  running: Running,
  show: (running: Running, policyId: string) => Promise<boolean>,
): Promise<boolean> {
  let asIntended = true
  for (const policyId of firstRunPolicies(running.cloud ?? { projects: 1 }))
    asIntended = (await show(running, policyId)) && asIntended
  return asIntended
}

async function oneFirstRun(running: Running, policyId: string): Promise<boolean> {
  if (running.ended.aborted) return false
  const { id } = await running.api.createRun(policyId)
  const shown = await shownRun(running, { id, title: `A manual run of policy ${policyId}: ${id}` })
  return shown !== null && isIntended(shown.run, shown.outcomes)
}

/** Takes the latest run of the sample back in each project, the first one where none stopped anything yet; whether all of it runs again. */
export const undoneRun = (running: Running): Promise<boolean> => inEachProject(running, oneUndoneRun)

async function oneUndoneRun(running: Running, policyId: string): Promise<boolean> {
  const { api, ended } = running
  const latest = async () =>
    (await api.stopsOf(policyId)).find(run => !isEnded(run) || run.summary.stopped > 0)
  if ((await latest()) === undefined) await oneFirstRun(running, policyId)
  const stopped = await latest()
  if (stopped === undefined || ended.aborted) return false
  const { id } = await api.undoRun(stopped.id)
  const shown = await shownRun(running, { id, title: `Starting again what ${stopped.id} stopped: ${id}` })
  return shown !== null && isTakenBack(shown.run, shown.outcomes)
}

/** Goes on with showing a run that the last process left unfinished. */
export async function interruptedRun(running: Running, id: string): Promise<void> {
  await shownRun(running, {
    id,
    title: `Going on with ${id}; what got lost is picked up in a few minutes at most`,
  })
}

interface Ended {
  run: ShownRun
  outcomes: ShownOutcome[]
}

/** `null` where the watching was ended before the run. */
async function shownRun(
  running: Running,
  { id, title }: { id: string; title: string },
): Promise<Ended | null> {
  const { api, screen, undoCommand, ended } = running
  screen.print('', screen.styled('bold', title))
  const run = await watched({ api, screen, runId: id, ended })
  if (run === null) return null
  running.shown.add(id)
  const outcomes = await api.outcomes(id)
  screen.print('', ...report({ run, outcomes, screen }), ...furtherLooks({ url: api.url, run, undoCommand }))
  return { run, outcomes }
}

function offWords(action: Action): string {
  const { done, switch: name } = ACTIONS[action]
  return `All ${action}s are switched off: nothing is ${done} until PUT /v1/settings says "${name}": true`
}

/** What will happen from here on. */
export async function whatNext({ api, screen }: Running): Promise<void> {
  const [{ items: policies, hasMore }, settings] = await Promise.all([api.policies(), api.settings()])
  const off = Action.options.filter(action => !settings[ACTIONS[action].switch])
  const none = [`No policies yet: ${api.url}/docs shows how to PUT a connection, then a policy.`]
  const first = hasMore ? [`  of the first ${count(policies.length)} policies by id`] : []
  screen.print(
    '',
    ...(policies.length === 0 ? none : [...nextDue(policies, screen), ...first]),
    ...off.flatMap(action => ['', screen.styled('yellow', offWords(action))]),
  )
}
