/** What is published of a run: events with a schema that only grows, and their order. */
import * as z from 'zod'
import { Request, type WholeChunk } from '../model/chunk.ts'
import { Id, Instant, Kind } from '../model/model.ts'
import { codeKey } from '../model/outcome.ts'
import { isEnded, Run, RunStatus } from '../model/run.ts'

export const EVENT_SOURCE = 'curfew'
export const RUN_ENDED = 'Curfew Run Ended'
export const SERVERS_ESCALATED = 'Curfew Servers Escalated'

const EventHead = {
  /** Of this schema: fields are added to it, none is taken away or given another meaning. */
  version: z.literal(1),
  /** Always the same for the same event, so that subscribers can drop duplicates. */
  id: z.string(),
  /** Which installation: the name of its table. */
  service: z.string(),
}

const shape = Run.shape
const EndedRun = z.object({
  id: shape.id,
  policyId: shape.policyId,
  connection: shape.connection,
  kind: shape.kind,
  trigger: shape.trigger,
  actor: shape.actor,
  dueAt: shape.dueAt,
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

/** The detail of `Curfew Servers Escalated`, version 1. */
export const ServersEscalated = z.object({
  ...EventHead,
  run: z.object({ id: z.string(), policyId: Id.optional(), connection: Id, kind: Kind, dueAt: Instant }),
  chunk: z.int().min(0),
  /** `lost`: the cloud may have taken the request, its answer never came. */
  answer: Request.shape.answer.exclude(['pending', 'deferred']),
  requestedAt: Instant,
  /** How many servers got a hard stop. */
  count: z.int().min(1),
  /** The first 200 of them. */
  servers: z.array(z.object({ id: z.string(), name: z.string() })),
})
export type ServersEscalated = z.infer<typeof ServersEscalated>

/** An event as the bus takes it. */
export interface Announcement {
  detailType: typeof RUN_ENDED | typeof SERVERS_ESCALATED
  detail: RunEnded | ServersEscalated
  /** When what it tells of happened. */
  at: string
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

/** Unpublished hard stops of a chunk, by their place among its requests. */
export const unpublishedEscalations = ({ requests }: Pick<WholeChunk['chunk'], 'requests'>): number[] =>
  requests.flatMap(({ escalation, answer, toldAt }, place) =>
    escalation && answer !== 'pending' && toldAt === undefined ? [place] : [],
  )

/** A hard stop of what a soft one left running, to be told. */
export function serversEscalated(
  { chunk, servers }: Pick<WholeChunk, 'chunk' | 'servers'>,
  place: number,
  { run, service }: { run: Run; service: string },
): ServersEscalated {
  const { members, answer, sentAt } = chunk.requests[place]!
  const id = `${run.id}.${chunk.number}.${place}.escalated`
  const count = members.length
  const named = members.slice(0, MAX_SERVERS).map(member => servers[member]!)
  const told = { version: 1, id, service, run, chunk: chunk.number, answer, count, servers: named }
  return ServersEscalated.parse({ ...told, requestedAt: sentAt })
}

/** The next step of announcing a run's end: count it, then publish it; each is marked once done. */
type AnnouncementStep = 'count' | 'event' | 'nothing'

export function nextAnnouncement(run: Run): AnnouncementStep {
  if (!isEnded(run) || run.announcedAt !== undefined) return 'nothing'
  return run.countedAt === undefined ? 'count' : 'event'
}
