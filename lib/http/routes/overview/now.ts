/** The route of what comes next, goes on, has ended and needs a person. */
import type { Run } from '../../../core/model/run.ts'
import { countedSoFar, progressOf, shownRun } from '../../../core/notify/shown-run.ts'
import {
  type AttentionContext,
  attentionOf,
  policiesInQuestion,
  type UnreadableDocument,
} from '../../../core/overview/attention.ts'
import { runsSeen } from '../../../core/overview/runs-seen.ts'
import { isoInstant } from '../../../core/schedule/instant.ts'
import { settleAll, throwFirstRejection } from '../../../runtime/concurrency.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'
import { type SwitchReader, switchReader } from '../../outlook.ts'
import { defineRoute, jsonAnswer } from '../../route.ts'
import { Now } from '../../schemas/overview-schemas.ts'
import { chunksOf } from '../runs/runs.ts'
import { OVERVIEW_EXAMPLES } from './examples.ts'
import { readNext } from './read-next.ts'
import { readRuns } from './read-runs.ts'

const MAX_SNOOZES = 100
const MAX_REFUSED_KEYS = 100
const SIDE_BY_SIDE = 10
/** No key is left alone for longer. */
const REFUSED_MS = 3_600_000

/** Runs that go on, as they are shown, each with how far it is. */
async function shownUnderWay(runs: Run[], services: HttpServices): Promise<unknown[]> {
  const shown: unknown[] = new Array(runs.length)
  const results = await settleAll([...runs.entries()], { sideBySide: SIDE_BY_SIDE }, async ([place, run]) => {
    const chunks = await chunksOf(run, services)
    shown[place] = { ...shownRun(countedSoFar(run, chunks)), progress: progressOf(run, chunks) }
  })
  throwFirstRejection(results)
  return shown
}

async function readSnoozed({ store, now }: HttpServices) {
  const at = isoInstant(now())
  const snoozes = await store.snoozes({ since: at, most: MAX_SNOOZES })
  return snoozes.filter(({ snoozedUntil }) => snoozedUntil !== null && Date.parse(snoozedUntil) > now())
}

/** Connections whose key was refused of late, with what was noted of it. */
async function readRefused(
  { connectionOf }: SwitchReader,
  { store, now }: HttpServices,
): Promise<AttentionContext['refused']> {
  const since = isoInstant(now() - REFUSED_MS)
  const refused: AttentionContext['refused'] = []
  for (const { connection: id, ...health } of await store.refusedKeys({ since, most: MAX_REFUSED_KEYS })) {
    const connection = await connectionOf(id)
    if (connection) refused.push({ health, connection })
  }
  return refused
}

async function readNow(services: HttpServices) {
  const { store, now } = services
  const unreadable: UnreadableDocument[] = []
  const switches = switchReader(services, one => void unreadable.push(one))
  const [{ stopsEnabled, startsEnabled }, due, snoozed, refused] = await Promise.all([
    switches.settings(),
    readNext(switches, services),
    readSnoozed(services),
    readRefused(switches, services),
  ])
  const { runs, unreadable: unreadableRuns } = await readRuns(due.runIds, services)
  const heads = await store.existingPolicies(policiesInQuestion(runs))
  const policies = new Map(heads.map(head => [head.id, head]))
  const { underWay, latest } = runsSeen(runs, now())
  unreadable.push(...due.unreadable, ...unreadableRuns)
  return {
    at: isoInstant(now()),
    stopsEnabled,
    startsEnabled,
    next: due.actions,
    nextKnownUntil: due.knownUntil,
    snoozed,
    underWay: await shownUnderWay(underWay, services),
    latest: latest.map(run => shownRun(run)),
    attention: attentionOf({ now: now(), runs, policies, refused, unreadable }),
  }
}

export const nowRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v1/now',
    operation: 'now',
    examples: OVERVIEW_EXAMPLES.now,
    summary: 'What is next, goes on, has ended, and needs a person',
    description:
      'One answer to be asked for again and again: every few seconds while runs go on, every minute else. Where nothing but the time has changed it is 304 for `If-None-Match`. What it reads does not grow with the number of policies: at most 1000 rows of the to-do list and 100 policies, 500 runs, and the chunks of those that go on. A small installation needs some 40 read units.',
    answers: { 200: { description: 'As it is now.', schema: Now } },
    run: async (_, services) => {
      const { at, ...taggedBy } = await readNow(services)
      return { ...jsonAnswer({ at, ...taggedBy }), taggedBy }
    },
  }),
]
