/** A connection to the pretended cloud, and a policy over its whole fleet, or a part of it. */
import type * as z from 'zod'
import { Connection, type StoredConnection } from '../../lib/core/model/connection.ts'
import { Policy, type StoredPolicy } from '../../lib/core/model/model.ts'
import { type Asked, CHUNK_SERVERS } from '../peers/asked.ts'

const stamps = (now: number) => {
  const at = new Date(now).toISOString()
  return { createdAt: at, updatedAt: at, version: 1 }
}

type Told = Pick<Asked, 'cloudUrl' | 'project' | 'pace'>

/** A limit of stops is configured as the servers that so many stops can name. */
export function aConnection({ cloudUrl, project, pace }: Told, now = Date.now()): StoredConnection {
  const perMinute = pace && (pace.stops * CHUNK_SERVERS * 60) / pace.seconds
  const connection = Connection.parse({
    id: 'bench',
    api: 'huaweicloud',
    region: 'cn-north-4',
    projectId: project,
    endpoints: { ecs: cloudUrl, bms: cloudUrl, as: cloudUrl },
    credentials: { source: 'environment' },
    maxServersPerMinute: { ecs: perMinute, bms: perMinute },
  })
  return { ...connection, ...stamps(now) }
}

export function aPolicy(
  { kind, ...fields }: Pick<Asked, 'kind'> & Partial<Pick<z.input<typeof Policy>, 'selector' | 'limits'>>,
  now: number,
  id = 'whole-fleet',
): StoredPolicy {
  const policy = Policy.parse({
    id,
    connection: 'bench',
    kind,
    schedule: { cron: '0 20 * * *', timeZone: 'UTC' },
    selector: { all: true },
    mode: kind === 'bms' ? 'hard' : 'soft',
    acceptPowerCut: kind === 'bms',
    ...fields,
  })
  const nextDueAt = new Date(now).toISOString()
  const noSnooze = { snoozedUntil: null, snoozeReason: null, snoozedAt: null }
  return { ...policy, ...stamps(now), nextDueAt, nextStartDueAt: null, ...noSnooze }
}
