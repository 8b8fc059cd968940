import type { Place } from '../router.ts'

export function Policies({ place }: { place: Place }) {
  return <h1>Policies {place.parts[1]}</h1>
}
