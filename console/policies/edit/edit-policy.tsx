import { useRef } from 'preact/hooks'
import type { Connection, Page, Policy } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Loaded, ProblemBox } from '../../parts/problem.tsx'
import { editableFields } from './draft.ts'
import { PolicyEditor } from './policy-editor.tsx'
import type { EditBase } from './use-editing.ts'

export const CONNECTIONS_PATH = '/v1/connections?limit=1000'

/** Edits a policy as it is when it is opened: what others save meanwhile is noticed when this edit is saved. */
export function EditPolicy({ id }: { id: string }) {
  const policy = useAnswer<Policy>(`/v1/policies/${encodeURIComponent(id)}`)
  const connections = useAnswer<Page<Connection>>(CONNECTIONS_PATH)
  const start = useRef<EditBase | null>(null)
  if (policy.data !== null && start.current === null)
    start.current = { id, document: editableFields(policy.data), version: policy.data.version }
  if (start.current === null)
    return (
      <>
        <h1>Edit {id}</h1>
        <Loaded shown={policy}>{() => null}</Loaded>
      </>
    )
  return (
    <>
      {connections.error && <ProblemBox error={connections.error} retry={connections.reload} />}
      <PolicyEditor start={start.current} connections={connections.data?.items ?? []} />
    </>
  )
}
