import type { Place } from '../router.ts'

export function Connections({ place }: { place: Place }) {
  return <h1>Connections {place.parts[1]}</h1>
}
