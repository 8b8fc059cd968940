/** What can be counted of a run, a job and a tick: the same in every run, and held by test/bench.   node bench/counted/counts.ts */

import { aConnection, aPolicy } from '../curfew/documents.ts'
import { CHUNK_SERVERS } from '../peers/asked.ts'
import { figure, type Section, table } from '../report/figures.ts'
import type { Figures } from '../report/goals.ts'
import type { Counted } from './meter.ts'
import { type Night, night, startLine } from './night.ts'
import { pollTable } from './polls.ts'
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

/** What a night leaves in the table, over the servers of the fleet. */
export const keptBytes = ({ counted, run }: Night): number => counted.storedBytes / run.fleet
const keptText = (one: Night): string => keptBytes(one).toFixed(1)

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

/** What the page of the bench shows. */
export const PUBLISHED = { servers: 9_500, many: 100_000 }

/** Over a fleet of `servers`, and over one of `many`, of which policies select few. */
export async function countsSection({ servers, many }: { servers: number; many: number }): Promise<Section> {
  const first = await night({ cloud: { servers } })
  const free = await night({ cloud: { servers }, nightsBefore: 1 })
  const paced = await night({ cloud: { servers }, perMinute: 1000, nightsBefore: 1 })
  const polled = await pollTable()
  const ticks = await tickTable()
  const selected = await selectedTable(many)
  const counts = perServer(free)
  const at = `${servers.toLocaleString('en-US')} servers`
  const text = [
    `A run over ${at}, jobs of 33 s, of which a fiftieth of the targets are others than the night before; units, messages and calls for each server of the fleet:`,
    table(NIGHT_HEAD, [
      nightCells('no limit, the first night', first),
      nightCells('no limit', free),
      nightCells('1,000 a minute', paced),
    ]),
    `Write units without a limit, by item, in the first night: ${byItem(first)}.`,
    `In each later one: ${byItem(free)}.`,
    `Kept: ${keptText(first)} bytes a server of the first night, ${keptText(free)} of each later one.`,
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

if (import.meta.main) console.log((await countsSection(PUBLISHED)).text)
