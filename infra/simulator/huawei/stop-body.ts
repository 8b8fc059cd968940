import type { Kind } from '../../../lib/core/model/model.ts'
import type { SentStop } from '../world/ledger.ts'

const MAX_IDS = 1000
const CODES = {
  ecs: { unreadable: 'Ecs.0005', count: 'Ecs.0118' },
  bms: { unreadable: 'BMS.0001', count: 'BMS.0205' },
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined

/** What the body of an action asks to be stopped; undefined when it is not of that form. */
export function sentStop(kind: Kind, body: Buffer): SentStop | undefined {
  const stop = field(parsed(body), 'os-stop')
  const servers = field(stop, 'servers')
  const type = field(stop, 'type') ?? null
  if (!Array.isArray(servers) || (type !== null && typeof type !== 'string')) return undefined
  const ids = servers.map(server => field(server, 'id')).filter(id => typeof id === 'string')
  return ids.length === servers.length ? { kind, type, ids } : undefined
}

/** Why such a body is refused (ECS and BMS API references, "error codes"); a BMS stop does not look at its type. */
export function stopProblem(kind: Kind, body: Buffer, stop: SentStop | undefined) {
  if (body.length === 0) return { code: 'Common.0002', message: 'The request body is empty' }
  if (stop === undefined)
    return { code: CODES[kind].unreadable, message: 'Expected {"os-stop": {"servers": [{"id": …}, …]}}' }
  if (kind === 'ecs' && stop.type !== null && stop.type !== 'SOFT' && stop.type !== 'HARD')
    return { code: CODES[kind].unreadable, message: 'Expected type SOFT or HARD' }
  if (stop.ids.length >= 1 && stop.ids.length <= MAX_IDS) return null
  return { code: CODES[kind].count, message: `Expected 1 to ${MAX_IDS} servers, got ${stop.ids.length}` }
}
