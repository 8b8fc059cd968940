import type { Place } from '../router.ts'
import { EditPolicy } from './edit/edit-policy.tsx'
import { NewPolicy } from './edit/new-policy.tsx'
import { PolicyList } from './list.tsx'
import { PolicyScreen } from './one/policy-screen.tsx'

/** `#/policies`, `#/policies/ID`, `#/policies/ID/edit` and `#/new`. */
export function Policies({ place }: { place: Place }) {
  const [screen, id, part] = place.parts
  if (screen === 'new') return <NewPolicy />
  if (id === undefined) return <PolicyList />
  if (part === 'edit') return <EditPolicy key={id} id={id} />
  return <PolicyScreen key={id} id={id} at={place.query.get('at')} />
}
