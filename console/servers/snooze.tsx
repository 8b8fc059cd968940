/** A snooze of one server in two clicks, and its end. */
import { useState } from 'preact/hooks'
import type { Server, SnoozedServer } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ReasonField } from '../parts/field.tsx'
import { takeBack, tellDone } from '../parts/notice.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { SnoozeChoices } from '../policies/snooze.tsx'
import { dayAndTime, ownZone, zoneName } from '../words/time.ts'

type Snoozable = Pick<Server, 'serverId' | 'name' | 'connection' | 'nextStopAt'>

const DEFAULT_REASON = 'It is needed longer'

const snoozePathOf = ({ serverId }: Snoozable): string => `/v1/servers/${encodeURIComponent(serverId)}/snooze`
const endPathOf = (server: Snoozable): string =>
  `${snoozePathOf(server)}?connection=${encodeURIComponent(server.connection)}`

const endQuietly = (server: Snoozable): Promise<void> =>
  takeBack(
    { method: 'DELETE', path: endPathOf(server) },
    `The snooze of ${server.name} has ended.`,
    `The snooze of ${server.name} could not be ended`,
  )

/** Opens the choices: the first click of two. */
export function SnoozeServer({ server, label }: { server: Snoozable; label: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button look="main" onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && <SnoozeServerDialog server={server} onClose={() => setOpen(false)} />}
    </>
  )
}

function SnoozeServerDialog({ server, onClose }: { server: Snoozable; onClose(): void }) {
  const action = useAction()
  const [reason, setReason] = useState(DEFAULT_REASON)
  const { connection, name, nextStopAt } = server
  const timeZone = ownZone()
  const snooze = async (ms: number) => {
    const until = new Date(ms).toISOString()
    const body = { connection, until, reason: reason.trim() || DEFAULT_REASON }
    if (!(await action.send<SnoozedServer>({ method: 'POST', path: snoozePathOf(server), body }))) return
    tellDone({
      text: `${name} is snoozed until ${dayAndTime(ms, timeZone)} ${zoneName(timeZone)}.`,
      undo: { label: 'End snooze', run: () => void endQuietly(server) },
    })
    onClose()
  }
  return (
    <Dialog title={`Snooze ${name}`} onClose={onClose}>
      <p>
        No policy stops it until then, and no run by hand does. Starts come as they are due. Nothing is
        written to the cloud.
      </p>
      <SnoozeChoices
        of={{ nextStopAt, nextDueAt: null, schedule: { timeZone } }}
        isBusy={action.isBusy}
        onChoose={until => void snooze(until)}
      />
      <ReasonField
        reason={reason}
        hint="Others see it beside the snooze, in outcomes and in the history."
        onReason={setReason}
      />
      {action.error && <ProblemBox error={action.error} />}
    </Dialog>
  )
}

export const EndSnooze = ({ server }: { server: Snoozable }) => (
  <Button onClick={() => void endQuietly(server)}>End snooze</Button>
)
