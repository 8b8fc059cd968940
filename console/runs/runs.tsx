import type { Place } from '../router.ts'
import { RunList } from './run-list.tsx'
import { RunScreen } from './run-screen.tsx'

/** All runs, or one of them. */
export function Runs({ place }: { place: Place }) {
  const [, id] = place.parts
  return id === undefined ? (
    <RunList query={place.query} />
  ) : (
    <RunScreen key={id} id={id} query={place.query} />
  )
}
