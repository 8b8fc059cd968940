/** Reads bodies of requests to stop and to start many servers. */
import type { Action } from '../../../lib/core/model/action.ts'
import type { Kind } from '../../../lib/core/model/model.ts'
import { ACTIONS_IN_CLOUD } from '../world/actions.ts'
import type { SentAction } from '../world/ledger.ts'

const MAX_IDS = 1000
const TYPES: readonly (string | null)[] = [null, 'SOFT', 'HARD']
const CODES = {
  ecs: { unreadable: 'Ecs.0005', count: 'Ecs.0118' },
  bms: { unreadable: 'BMS.0001', count: 'BMS.0205' },
}

interface ActionOfKind {
  action: Action
  kind: Kind
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

const memberOf = (body: Buffer, action: Action): unknown => field(parsed(body), ACTIONS_IN_CLOUD[action].name)

/** Whether a body names this action, in whatever form. */
export const namesAction = (body: Buffer, action: Action): boolean => memberOf(body, action) !== undefined

/** What the body of a call for many asks for; undefined when it is not of that form. */
export function sentAction({ action, kind }: ActionOfKind, body: Buffer): SentAction | undefined {
  const member = memberOf(body, action)
  const servers = field(member, 'servers')
  const type = field(member, 'type') ?? null
  if (!Array.isArray(servers) || (type !== null && typeof type !== 'string')) return undefined
  const ids = servers.map(server => field(server, 'id')).filter(id => typeof id === 'string')
  return ids.length === servers.length ? { action, kind, type, ids } : undefined
}

function typeProblem({ action, kind }: ActionOfKind, type: string | null): string | null {
  if (!ACTIONS_IN_CLOUD[action].hasType) return type === null ? null : 'Expected no type'
  // A BMS stop does not look at its type.
  return kind === 'bms' || TYPES.includes(type) ? null : 'Expected type SOFT or HARD'
}

/** Why such a body is refused (ECS and BMS API references, "error codes"). */
export function bodyRefusal(of: ActionOfKind, body: Buffer, sent: SentAction | undefined) {
  const { unreadable, count } = CODES[of.kind]
  if (body.length === 0) return { code: 'Common.0002', message: 'The request body is empty' }
  if (sent === undefined) {
    const form = `{"${ACTIONS_IN_CLOUD[of.action].name}": {"servers": [{"id": …}, …]}}`
    return { code: unreadable, message: `Expected ${form}` }
  }
  const wrongType = typeProblem(of, sent.type)
  if (wrongType !== null) return { code: unreadable, message: wrongType }
  if (sent.ids.length >= 1 && sent.ids.length <= MAX_IDS) return null
  return { code: count, message: `Expected 1 to ${MAX_IDS} servers, got ${sent.ids.length}` }
}
