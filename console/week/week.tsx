import type { Place } from '../router.ts'

export function Week({ place }: { place: Place }) {
  return <h1>Week {place.parts[1]}</h1>
}
