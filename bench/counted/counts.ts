/** What can be counted of a run, a job and a tick: the same in every run, and held by test/bench.   node bench/counted/counts.ts */

import { isEnded } from '../../lib/core/model/run.ts'
import { aConnection, aPolicy } from '../curfew/documents.ts'
import { CHUNK_SERVERS } from '../peers/asked.ts'
import { figure, type Section, share, table } from '../report/figures.ts'
import type { Figures } from '../report/goals.ts'
import type { Counted } from './meter.ts'
import { type Night, night, startLine } from './night.ts'
import { selectedTable } from './selected.ts'

export interface PerServer {
  planningLists: number
  /** Those that read the servers again: before a stop that was long planned, and after it. */
  otherLists: number
  /** Those that ask for scaling groups, of which there are none. */
  groupLists: number
  stops: number
  pollsAJob: number
  /** Write units, its indexes' among them. */
  writeUnits: number
  readUnits: number
  messages: number
  tableCalls: number
}

const tableCalls = ({ calls }: Counted): number =>
  Object.entries(calls).reduce((sum, [name, count]) => sum + (/Item|Query/.test(name) ? count : 0), 0)

/** A listing of so many servers, and stops of so many. */
export const fewestRequests = (servers: number): number => Math.ceil(servers / CHUNK_SERVERS)

/** Over the servers of the fleet, but for the requests. */
export function perServer({ run, counted, seen }: Night): PerServer {
  const { list = 0, groups = 0, stop = 0, job = 0 } = seen.byRoute
  return {
    planningLists: seen.listsBeforeStops,
    otherLists: list - seen.listsBeforeStops,
    groupLists: groups,
    stops: stop,
    pollsAJob: job / stop,
    writeUnits: (counted.writeUnits + counted.indexWriteUnits) / run.fleet,
    readUnits: counted.readUnits / run.fleet,
    messages: counted.messages / run.fleet,
    tableCalls: tableCalls(counted) / run.fleet,
  }
}

const ITEMS: Record<string, string> = {
  SERVERS: 'ids and names of targets',
  LEFT: 'ids and reasons of skipped ones',
  OUTCOMES: 'outcomes',
  CHUNK: 'heads of chunks',
  HEAD: 'head of the run',
}

const byItem = ({ counted, run }: Night): string =>
  Object.entries(ITEMS)
    .map(([name, words]) => `${words} ${((counted.byItem[name] ?? 0) / run.fleet).toFixed(4)}`)
    .join(', ')

const HOUR_MS = 3_600_000

/** What a tick asks of the table, with so many policies that are not due and so many that are. */
export async function tickCounts({
  policies,
  due = 0,
}: {
  policies: number
  due?: number
}): Promise<Counted> {
  const line = await startLine({})
  const save = (id: string, dueMs: number) => line.store.savePolicy(aPolicy({ kind: 'ecs' }, dueMs, id), null)
  await line.store.saveConnection(aConnection({ cloudUrl: line.cloudUrl, project: 'p0', pace: null }), null)
  for (let number = 0; number < policies; number++) await save(`policy-${number}`, Date.now() + HOUR_MS)
  for (let number = 0; number < due; number++) await save(`due-${number}`, Date.now())
  await line.store.noteTime(new Date().toISOString())
  line.meter.take()
  await line.tick()
  const counted = line.meter.take()
  await line.close()
  return counted
}

export const unitsOf = ({ readUnits, writeUnits, indexWriteUnits }: Counted): number =>
  readUnits + writeUnits + indexWriteUnits

export interface JobPolls {
  polls: number
  /** How late the job's end is seen, over its length. */
  lateness: number
}

/** How often a job of so many seconds is polled, and how late its end is seen; the first poll after `firstSeconds`. */
export async function countPolls(jobSeconds: number, firstSeconds = 15): Promise<JobPolls> {
  const { run, seen, seconds } = await night({
    cloud: { servers: 500, jobMs: jobSeconds * 1000 },
    environment: {
      FOLLOW_FIRST_SECONDS: String(firstSeconds),
      FOLLOW_MAX_SECONDS: String(Math.max(60, firstSeconds)),
    },
  })
  return { polls: (seen.byRoute.job ?? 0) / (run.chunks ?? 1), lateness: (seconds - jobSeconds) / jobSeconds }
}

/** So many nights teach Curfew how long jobs take. */
const TEACHING_NIGHTS = 4

/** The same once some nights have passed, each over a tenth of the servers, with jobs as long. */
export async function countLearntPolls(jobSeconds: number): Promise<JobPolls> {
  const line = await startLine({ cloud: { servers: 500, jobMs: jobSeconds * 1000 } })
  await line.store.saveConnection(
    aConnection({ cloudUrl: line.cloudUrl, project: 'p0', pace: null }, Date.now()),
    null,
  )
  const oneNight = async (number: number): Promise<JobPolls> => {
    const before = line.cloudSeen().byRoute.job ?? 0
    const id = `night-${number}`
    await line.store.savePolicy(
      aPolicy({ kind: 'ecs', selector: { name: `*${number}` } }, Date.now(), id),
      null,
    )
    await line.tick()
    const run = await line.run(one => one.policyId === id && isEnded(one))
    const polls = ((line.cloudSeen().byRoute.job ?? 0) - before) / (run.chunks ?? 1)
    const tookSeconds = (Date.parse(run.endedAt!) - Date.parse(run.dueAt)) / 1000
    return { polls, lateness: (tookSeconds - jobSeconds) / jobSeconds }
  }
  for (let number = 0; number < TEACHING_NIGHTS; number++) await oneNight(number)
  const learnt = await oneNight(TEACHING_NIGHTS)
  await line.close()
  return learnt
}

const JOB_SECONDS = [10, 20, 33, 41, 60, 120, 300]
const mean = (numbers: number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length

async function pollsBy(count: (jobSeconds: number) => Promise<JobPolls>): Promise<JobPolls[]> {
  const all: JobPolls[] = []
  for (const seconds of JOB_SECONDS) all.push(await count(seconds))
  return all
}

async function pollTable(): Promise<{ text: string; figures: Figures }> {
  const unknown = await pollsBy(seconds => countPolls(seconds))
  const learnt = await pollsBy(countLearntPolls)
  const cells = ({ polls, lateness }: JobPolls): string[] => [figure(polls), share(lateness)]
  const rows = JOB_SECONDS.map((seconds, i) => [String(seconds), ...cells(unknown[i]!), ...cells(learnt[i]!)])
  const head = [
    'job s',
    'polls',
    'its end is seen later by',
    'polls, length learnt',
    'later by, length learnt',
  ]
  return {
    text: table(head, rows),
    figures: {
      polls: { value: mean(learnt.map(one => one.polls)) },
      lateness: { value: mean(learnt.map(one => one.lateness)) },
    },
  }
}

async function tickTable(): Promise<{ text: string; figures: Figures }> {
  const idle = await tickCounts({ policies: 10 })
  const few = await tickCounts({ policies: 10, due: 5 })
  const many = await tickCounts({ policies: 1000, due: 5 })
  const calls = ({ calls }: Counted) => Object.entries(calls).map(([name, count]) => `${name} ${count}`)
  const row = (words: string, one: Counted): string[] => [words, calls(one).join(', '), String(unitsOf(one))]
  const rows = [
    row('10 policies, none due', idle),
    row('10 policies, 5 due', few),
    row('1,000 policies, 5 due', many),
  ]
  return {
    text: table(['a tick', 'calls', 'read and write units'], rows),
    figures: {
      tickQueries: { value: tableCalls(idle) },
      tickUnits: { value: idle.readUnits },
      tickDue: { value: unitsOf(many) / unitsOf(few) },
    },
  }
}

const NIGHT_HEAD = [
  'pace',
  'lists of planning',
  'other lists',
  'lists of groups',
  'stops',
  'polls a job',
  'write units',
  'read units',
  'messages',
  'table calls',
]

function nightCells(words: string, one: Night): string[] {
  const counts = perServer(one)
  const { planningLists, otherLists, groupLists, stops, pollsAJob } = counts
  const each = [counts.writeUnits, counts.readUnits, counts.messages, counts.tableCalls]
  const requests = [planningLists, otherLists, groupLists, stops].map(String)
  return [words, ...requests, figure(pollsAJob), ...each.map(count => count.toFixed(4))]
}

/** Over a fleet of `servers`, and over one of `many`, of which policies select few. */
export async function countsSection({ servers, many }: { servers: number; many: number }): Promise<Section> {
  const free = await night({ cloud: { servers } })
  const paced = await night({ cloud: { servers }, perMinute: 1000 })
  const [polled, ticks, selected] = [await pollTable(), await tickTable(), await selectedTable(many)]
  const counts = perServer(free)
  const at = `${servers.toLocaleString('en-US')} servers`
  const text = [
    `A run over ${at}, jobs of 33 s; units, messages and calls for each server of the fleet:`,
    table(NIGHT_HEAD, [nightCells('no limit', free), nightCells('1,000 a minute', paced)]),
    `Write units without a limit, by item: ${byItem(free)}.`,
    selected.text,
    ticks.text,
    'Polls of jobs, at 15 s and then at doubling waits up to a minute; and after four nights with jobs of the same length:',
    polled.text,
  ].join('\n\n')
  const figures: Figures = {
    ...polled.figures,
    ...ticks.figures,
    ...selected.figures,
    planningLists: { value: counts.planningLists / fewestRequests(servers), at },
    stops: { value: counts.stops / fewestRequests(free.run.summary.targets), at },
    writes: { value: counts.writeUnits, at },
  }
  return { title: 'What can be counted', command: 'node bench/counted/counts.ts', text, figures }
}

if (import.meta.main) console.log((await countsSection({ servers: 9_500, many: 100_000 })).text)
