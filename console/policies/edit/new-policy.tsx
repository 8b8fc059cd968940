import { useRef } from 'preact/hooks'
import type { Connection, Page } from '../../api/types.ts'
import { useAnswer } from '../../api/use-answer.ts'
import { Empty } from '../../parts/card.tsx'
import { Loaded } from '../../parts/problem.tsx'
import { hrefTo } from '../../router.ts'
import { ownZone } from '../../words/time.ts'
import { newPolicy } from './draft.ts'
import { CONNECTIONS_PATH } from './edit-policy.tsx'
import { PolicyEditor } from './policy-editor.tsx'
import type { EditBase } from './use-editing.ts'

type ConnectionPage = Page<Connection>

/** The one connection that there is, is meant. */
const beginPolicy = ({ items }: ConnectionPage): EditBase => ({
  id: null,
  document: newPolicy(items.length === 1 ? items[0]!.id : '', ownZone()),
  version: null,
})

export function NewPolicy() {
  const shown = useAnswer<ConnectionPage>(CONNECTIONS_PATH)
  const start = useRef<EditBase | null>(null)
  if (shown.data !== null && shown.data.items.length > 0) start.current ??= beginPolicy(shown.data)
  return (
    <>
      {start.current === null && <h1>New policy</h1>}
      <Loaded shown={shown}>
        {({ items }) =>
          start.current === null ? (
            <section class="card">
              <Empty>
                A policy is about the servers of a connection, and there is none yet.{' '}
                <a href={hrefTo(['connections'])}>How to make one</a>
              </Empty>
            </section>
          ) : (
            <PolicyEditor start={start.current} connections={items} />
          )
        }
      </Loaded>
    </>
  )
}
