/** Enables or disables a connection, after it said what that does. */
import { useState } from 'preact/hooks'
import type { Connection } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { UserList, type Users } from './users.tsx'

interface EnableProps {
  connection: Connection
  users: Users
  /** Has the connection read anew. */
  reload(): void
}

export function EnableButton({ connection, users, reload }: EnableProps) {
  const [asked, setAsked] = useState<Connection | null>(null)
  return (
    <>
      <Button look={connection.enabled ? 'danger' : 'main'} onClick={() => setAsked(connection)}>
        {connection.enabled ? 'Disable' : 'Enable'}
      </Button>
      {asked && (
        <EnableQuestion
          connection={asked}
          users={users}
          reload={reload}
          onClose={() => {
            setAsked(null)
            reload()
          }}
        />
      )}
    </>
  )
}

const MEANS_OF = {
  disable:
    'Nothing of this connection is stopped or started any more, by policies or by hand. A run that goes on sends nothing more; what was sent is followed to its end. Servers that are off stay off.',
  enable: 'Policies of this connection act again from their next due time on.',
}

/** Asks about the connection as it was read: an edit of somebody else meanwhile is not overwritten. */
function EnableQuestion({ connection, users, onClose }: EnableProps & { onClose(): void }) {
  const { id, enabled, version } = connection
  const action = useAction()
  const what = enabled ? 'disable' : 'enable'
  const change = async () => {
    const saved = await action.send<Connection>({
      method: 'PUT',
      path: `/v1/connections/${encodeURIComponent(id)}`,
      headers: { 'if-match': `"${version}"` },
      body: { ...connection, enabled: !enabled },
    })
    if (saved === null) return
    tellDone({ text: `${id} is ${enabled ? 'disabled' : 'enabled'} now.` })
    users.reload()
    onClose()
  }
  return (
    <Dialog title={`${enabled ? 'Disable' : 'Enable'} ${id}?`} onClose={onClose}>
      <p>{MEANS_OF[what]}</p>
      <h3>Policies that use it</h3>
      <UserList users={users} />
      {action.error && <ProblemBox error={action.error} />}
      {action.error?.status === 412 && (
        <p>Somebody changed it meanwhile. Close this, look at what it says now, and try again.</p>
      )}
      <div class="row">
        <Button look={enabled ? 'danger' : 'main'} isBusy={action.isBusy} onClick={change}>
          {enabled ? 'Disable it' : 'Enable it'}
        </Button>
        <Button onClick={onClose}>Leave it as it is</Button>
      </div>
    </Dialog>
  )
}
