import type { Place } from '../router.ts'

export function Servers({ place }: { place: Place }) {
  return <h1>Servers {place.parts[1]}</h1>
}
