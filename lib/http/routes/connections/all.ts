/** Reads all connections, for routes that look at each. */
import type { KnownConnections } from '../../../core/documents/connections/discover.ts'
import type { HttpServices } from '../../../runtime/services/services.ts'

const CONNECTIONS_AT_ONCE = 1000

/** Every connection in the order of the ids, disabled ones too. */
export async function allConnections({ store }: HttpServices): Promise<KnownConnections> {
  const all: KnownConnections = { connections: [], unreadable: [] }
  let after: Record<string, unknown> | undefined
  do {
    const { rows, next } = await store.connections({ most: CONNECTIONS_AT_ONCE, after })
    for (const row of rows)
      if ('item' in row) all.connections.push(row.item)
      else all.unreadable.push(row.unreadable)
    after = next
  } while (after !== undefined)
  return all
}
