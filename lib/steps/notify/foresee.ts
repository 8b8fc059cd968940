/** Finds out what coming stops would do, with one reading of the fleet for all stops of a connection and kind. */
import type { Cloud } from '../../core/model/cloud.ts'
import { connectionsOf, hasPatterns, type StoredConnection } from '../../core/model/connection.ts'
import { CloudError, Unreadable } from '../../core/model/errors.ts'
import type { StoredPolicy } from '../../core/model/model.ts'
import type { StopWarning } from '../../core/notify/stop-warning.ts'
import {
  addPreviews,
  createStopPreview,
  isHeldBack,
  NO_SERVERS,
  type PreviewedStop,
  type StopPreview,
} from '../../core/preview/stop-preview.ts'
import { settleAll } from '../../runtime/concurrency.ts'
import { errorFields } from '../../runtime/log.ts'
import type { NotifyServices } from '../../runtime/services/services.ts'
import { readFleet } from '../fleet-reading.ts'

/** A coming stop that people are to be warned of. */
export interface OpenWarning {
  warning: StopWarning
  policy: StoredPolicy
  stopAt: string
}

/** What a stop would do, over all connections that could be looked at; `failed`: why others could not be. */
export interface SeenWarning extends OpenWarning {
  preview: PreviewedStop
  failed: string | null
}

/** A stop in one of its connections. */
interface StopThere extends OpenWarning {
  connection: string
}
interface SeenThere {
  warning: StopWarning
  preview: PreviewedStop
  failed: string | null
}

const SIDE_BY_SIDE = 5
/** After this no other fleet is read: people are to be warned while there is time. */
const LOOK_MS = 240_000
const NO_TIME = 'there was no time to look at its servers'

/** Reads each connection by itself: one that cannot be read, or whose cloud does not answer, holds back no other. */
export async function foreseeStops(coming: OpenWarning[], services: NotifyServices): Promise<SeenWarning[]> {
  const all = coming.some(({ policy }) => hasPatterns(policy)) ? await services.store.connectionIds() : []
  const there = coming.flatMap(one =>
    connectionsOf(one.policy, all).map((connection): StopThere => ({ ...one, connection })),
  )
  const groups = Map.groupBy(there, ({ connection, policy }) => `${connection} ${policy.kind}`)
  const until = services.now() + LOOK_MS
  const seen: SeenThere[][] = []
  await settleAll(
    [...groups.values()].entries().toArray(),
    { sideBySide: SIDE_BY_SIDE },
    async ([index, group]) => {
      seen[index] =
        services.now() < until
          ? await orFailed(foreseeGroup(group, services), group, services)
          : failedStops(group, NO_TIME)
    },
  )
  const byWarning = Map.groupBy(seen.flat(), ({ warning }) => warning)
  return coming.map(one => ({ ...one, ...mergeConnections(byWarning.get(one.warning) ?? []) }))
}

const mergeConnections = (seen: SeenThere[]): Pick<SeenWarning, 'preview' | 'failed'> => ({
  preview: addPreviews(seen.map(({ preview }) => preview)),
  failed: seen.flatMap(({ failed }) => failed ?? []).join('; ') || null,
})

const failedStops = (group: StopThere[], why: string): SeenThere[] =>
  group.map(({ warning, connection }) => ({ warning, preview: NO_SERVERS, failed: `${connection}: ${why}` }))

/** Reports why stops could not be previewed; returns the reason for people, which keeps Curfew's own errors to the log. */
async function reportFailedPreview(
  error: unknown,
  [one]: StopThere[],
  { log, emitMetrics, queue }: NotifyServices,
): Promise<string> {
  const message = 'the fleet could not be listed for a warning'
  const { connection } = one!
  if (error instanceof CloudError || error instanceof Unreadable) {
    log.warn(message, {
      ...(error instanceof CloudError ? error.details : {}),
      connection,
      reason: error.message,
    })
    return error.message
  }
  const fields = errorFields(error)
  log.error(message, { connection, ...fields })
  emitMetrics({ DueItemsFailed: 1 })
  const about = `warnings of connection ${connection}`
  await queue.notify({ alarm: { name: 'DueItemFailed', about, reason: fields.error } })
  return 'its servers could not be looked at'
}

/** The stops of a group without a preview, where it fails. */
const orFailed = (seen: Promise<SeenThere[]>, group: StopThere[], services: NotifyServices) =>
  seen.catch(async error => failedStops(group, await reportFailedPreview(error, group, services)))

async function foreseeGroup(group: StopThere[], services: NotifyServices): Promise<SeenThere[]> {
  const { store, config, now } = services
  const [{ connection: id }] = group as [StopThere]
  const [connection, settings] = await Promise.all([store.connection(id), store.settings()])
  const guard = { connection, ...settings, sendDeadlineMinutes: config.sendDeadlineMinutes, now: now() }
  const idle = connection === null ? group : group.filter(one => isHeldBack(one, guard))
  const busy = group.filter(one => !idle.includes(one))
  const nobody = idle.map(({ warning }) => ({ warning, preview: NO_SERVERS, failed: null }))
  if (connection === null || busy.length === 0) return nobody
  return [...nobody, ...(await orFailed(previewGroup(busy, connection, services), busy, services))]
}

/** Throws `CloudError`. */
async function previewGroup(
  group: StopThere[],
  connection: StoredConnection,
  services: NotifyServices,
): Promise<SeenThere[]> {
  const { store, cloud: open, scalingGroups } = services
  const [{ policy }] = group as [StopThere]
  const { kind } = policy
  const cloud = await open(connection)
  const snoozes = await store.serverSnoozes(connection.id)
  const previews = group.map(one => createStopPreview(one, snoozes))
  const wanted = { kind, after: null, rules: group.map(one => one.policy) }
  let isListed = true
  for await (const page of readFleet(wanted, { cloud, log: services.log })) {
    isListed = page.isListed
    // After the first page, which tells whether the key is good at all.
    const groups = await scalingGroups(connection, kind)
    for (const preview of previews) preview.see(page, groups)
  }
  await showUnlisted(cloud, { previews, connection, kind, isListed }, services)
  const seen: SeenThere[] = []
  for (const [index, { warning, policy }] of group.entries()) {
    const history = await store.pastRuns({ policyId: policy.id, connection: connection.id, action: 'stop' })
    seen.push({ warning, preview: previews[index]!.result(history), failed: null })
  }
  return seen
}

interface Unlisted {
  previews: StopPreview[]
  connection: StoredConnection
  kind: StoredPolicy['kind']
  /** A server that the list lacks adds to the fleet. */
  isListed: boolean
}

/** A server that is named and not listed is asked for by its id. */
async function showUnlisted(
  cloud: Cloud,
  { previews, connection, kind, isListed }: Unlisted,
  { scalingGroups }: NotifyServices,
): Promise<void> {
  const ids = [...new Set(previews.flatMap(preview => preview.unseen()))]
  if (ids.length === 0) return
  const servers = [...(await cloud.serversById(kind, ids, null)).values()]
  const fleet = isListed ? servers.length : 0
  const groups = await scalingGroups(connection, kind)
  for (const preview of previews) preview.see({ servers, fleet }, groups)
}
