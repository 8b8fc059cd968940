import type { Place } from '../router.ts'
import { ConnectionList } from './connection-list.tsx'
import { ConnectionScreen } from './connection-screen.tsx'

export function Connections({ place: { parts } }: { place: Place }) {
  const id = parts[1]
  return id === undefined ? <ConnectionList /> : <ConnectionScreen key={id} id={id} />
}
