import type { Place } from '../router.ts'

export function Runs({ place }: { place: Place }) {
  return <h1>Runs {place.parts[1]}</h1>
}
