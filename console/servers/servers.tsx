/** Servers of all connections: found by name or id, and each by itself. */
import type { Place } from '../router.ts'
import { SearchScreen } from './search-screen.tsx'
import { ServerScreen } from './server-screen.tsx'

export function Servers({ place }: { place: Place }) {
  const [, connection, serverId] = place.parts
  return connection !== undefined && serverId !== undefined ? (
    <ServerScreen connection={connection} serverId={serverId} />
  ) : (
    <SearchScreen place={place} />
  )
}
