/** What is published of a run: events with a schema that only grows, and their order. */
import * as z from 'zod'
import type { LackingRequest } from '../follow/lacking.ts'
import { Request, type WholeChunk } from '../model/chunk.ts'
import { Instant } from '../model/model.ts'
import { codeKey } from '../model/outcome.ts'
import { isEnded, Run, RunStatus } from '../model/run.ts'
import { isoInstant } from '../schedule/instant.ts'
import { Alarm, alarmCause } from './alarm.ts'

export const EVENT_SOURCE = 'curfew'
export const RUN_ENDED = 'Curfew Run Ended'
export const SERVERS_ESCALATED = 'Curfew Servers Escalated'
export const NO_CAPACITY = 'Curfew No Capacity'
export const ALARM_RINGS = 'Curfew Alarm'

const EventHead = {
  /** Of this schema: fields are added to it, none is taken away or given another meaning. */
  version: z.literal(1),
  /** Always the same for the same event, so that subscribers can drop duplicates. */
  id: z.string(),
  /** Which installation: the name of its table. */
  service: z.string(),
}

const shape = Run.shape
/** What names a run in an event. */
const RunHead = z.object({
  id: shape.id,
  action: shape.action,
  policyId: shape.policyId,
  undoes: shape.undoes,
  connection: shape.connection,
  kind: shape.kind,
  dueAt: shape.dueAt,
})
const EndedRun = z.object({
  ...RunHead.shape,
  trigger: shape.trigger,
  actor: shape.actor,
  startedAt: shape.startedAt,
  endedAt: Instant,
  status: RunStatus.exclude(['pending', 'running']),
  reason: shape.reason,
  dryRun: shape.dryRun,
  summary: shape.summary,
  /** Of those stopped: how many took a hard stop after a soft one. */
  escalated: z.int().min(0),
  codes: shape.codes,
})

/** The detail of `Curfew Run Ended`, version 1. */
export const RunEnded = z.object({ ...EventHead, run: EndedRun })
export type RunEnded = z.infer<typeof RunEnded>

/** What events of a request have in common. */
const RequestHead = {
  ...EventHead,
  run: RunHead,
  chunk: z.int().min(0),
  requestedAt: Instant,
  /** How many servers it is about. */
  count: z.int().min(1),
  /** The first 200 of them. */
  servers: z.array(z.object({ id: z.string(), name: z.string() })),
}

/** The detail of `Curfew Servers Escalated`, version 1: servers that got a hard stop after a soft one. */
export const ServersEscalated = z.object({
  ...RequestHead,
  /** `lost`: the cloud may have taken the request, its answer never came. */
  answer: Request.shape.answer.exclude(['pending', 'deferred']),
})
export type ServersEscalated = z.infer<typeof ServersEscalated>

/** The detail of `Curfew No Capacity`, version 1: servers that the cloud has no room to start now, and that are asked for again. */
export const NoCapacity = z.object({
  ...RequestHead,
  /** Which request for them it was, from 1. */
  attempt: z.int().min(1),
  /** The cloud's words. */
  reason: z.string(),
  /** Until when requests for them go out again. */
  retryUntil: Instant,
})
export type NoCapacity = z.infer<typeof NoCapacity>

/** The detail of `Curfew Alarm`, version 1: something that needs a person. Its texts have no quotes and no line breaks. */
export const AlarmEvent = z.object({
  ...EventHead,
  alarm: Alarm.shape.name,
  about: Alarm.shape.about,
  reason: Alarm.shape.reason,
})
export type AlarmEvent = z.infer<typeof AlarmEvent>

/** An event as the bus takes it. */
export interface Announcement {
  detailType: typeof RUN_ENDED | typeof SERVERS_ESCALATED | typeof NO_CAPACITY | typeof ALARM_RINGS
  detail: RunEnded | ServersEscalated | NoCapacity | AlarmEvent
  /** When what it tells of happened. */
  at: string
}

/** An event of a request, which is marked once it is published. */
export interface RequestEvent extends Announcement {
  detailType: typeof SERVERS_ESCALATED | typeof NO_CAPACITY
  detail: ServersEscalated | NoCapacity
  /** The place of the request among those of its chunk. */
  place: number
}

/** A longer reason is cut: what is told must fit into what carries it. */
const MAX_REASON_LENGTH = 2000
const MAX_SERVERS = 200

/** The end of a run, to be told. Throws where it has not ended. */
export function runEnded(run: Run, service: string): RunEnded {
  const escalated = run.codes[codeKey('stopped', 'escalated')] ?? 0
  const told = { ...run, reason: run.reason?.slice(0, MAX_REASON_LENGTH), escalated }
  const endedAt = run.endedAt ?? run.createdAt
  return RunEnded.parse({ version: 1, id: `${run.id}.ended`, service, run: { ...told, endedAt } })
}

/** EventBridge puts values into a rule's text as they are, and wants that text quoted. */
const plain = (text: string): string =>
  text
    .replaceAll('"', "'")
    .replaceAll(/[\\\s\p{Cc}]+/gu, ' ')
    .slice(0, MAX_REASON_LENGTH)

/** An alarm that rings; `ringsAt`: when it began to, the same for the same event. */
export function alarmEvent(alarm: Alarm, { service, ringsAt }: { service: string; ringsAt: string }) {
  const { name, about, reason } = alarm
  const id = `${name}.${alarmCause(alarm)}.${ringsAt}.alarm`
  return AlarmEvent.parse({
    version: 1,
    id,
    service,
    alarm: name,
    about: plain(about),
    reason: plain(reason || 'no reason is recorded'),
  })
}

type Told = Pick<WholeChunk, 'chunk' | 'servers'>
/** Which run it is of, and which installation. */
interface Source {
  run: Run
  service: string
}

/** What the events of a request have in common; `word`: which of them it is. */
function requestHead(
  { chunk, servers }: Told,
  { place, members, word }: { place: number; members: number[]; word: string },
  { run, service }: Source,
) {
  const id = `${run.id}.${chunk.number}.${place}.${word}`
  const named = members.slice(0, MAX_SERVERS).map(member => servers[member]!)
  const requestedAt = chunk.requests[place]!.sentAt
  return {
    version: 1,
    id,
    service,
    run,
    chunk: chunk.number,
    requestedAt,
    count: members.length,
    servers: named,
  }
}

/** A hard stop of what a soft one left running. */
function serversEscalated(told: Told, place: number, source: Source): RequestEvent {
  const { members, answer } = told.chunk.requests[place]!
  const head = requestHead(told, { place, members, word: 'escalated' }, source)
  const detail = ServersEscalated.parse({ ...head, answer })
  return { detailType: SERVERS_ESCALATED, detail, at: detail.requestedAt, place }
}

/** A start that the cloud has no room for. */
function noCapacity(told: Told, lacking: LackingRequest, source: Source): RequestEvent {
  const { place, members, attempt, reason, until } = lacking
  const head = requestHead(told, { place, members, word: 'no-capacity' }, source)
  const why = reason.slice(0, MAX_REASON_LENGTH)
  const detail = NoCapacity.parse({ ...head, attempt, reason: why, retryUntil: isoInstant(until) })
  return { detailType: NO_CAPACITY, detail, at: detail.requestedAt, place }
}

/** The events of a chunk's requests that are not published yet. */
export function requestEvents(told: Told, lacking: LackingRequest[], source: Source): RequestEvent[] {
  const { requests } = told.chunk
  const escalated = requests.flatMap(({ escalation, answer }, place) =>
    escalation && answer !== 'pending' ? [serversEscalated(told, place, source)] : [],
  )
  const events = [...escalated, ...lacking.map(one => noCapacity(told, one, source))]
  return events.filter(({ place }) => requests[place]!.toldAt === undefined)
}

/** The next step of announcing a run's end: count it, then publish it; each is marked once done. */
type AnnouncementStep = 'count' | 'event' | 'nothing'

export function nextAnnouncement(run: Run): AnnouncementStep {
  if (!isEnded(run) || run.announcedAt !== undefined) return 'nothing'
  return run.countedAt === undefined ? 'count' : 'event'
}
