/** What can be done with a policy: each thing says what it does before it does it, or offers to take it back. */
import { useState } from 'preact/hooks'
import type { Policy } from '../../api/types.ts'
import { useAction } from '../../api/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { takeBack, tellDone } from '../../parts/notice.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { hrefTo } from '../../router.ts'
import { SnoozeButton } from '../snooze.tsx'
import { DeletePolicy } from './delete-policy.tsx'
import { RunNow } from './run-now.tsx'

type Opened = 'stop' | 'start' | 'delete' | null

/** The same policy, switched on or off; another edit in between is not overwritten. */
const enabledRequest = (policy: Policy, enabled: boolean) => ({
  method: 'PUT' as const,
  path: `/v1/policies/${encodeURIComponent(policy.id)}`,
  headers: { 'if-match': `"${policy.version}"` },
  body: { ...policy, enabled },
})

const EFFECT = {
  true: 'is enabled: its next stop is due as its schedule says.',
  false: 'is disabled: it stops and starts nothing. Servers that are off stay off.',
}

export function PolicyActions({ policy }: { policy: Policy }) {
  const [opened, setOpened] = useState<Opened>(null)
  const action = useAction()
  const close = () => setOpened(null)
  const change = async () => {
    const enabled = !policy.enabled
    const saved = await action.send<Policy>(enabledRequest(policy, enabled))
    if (saved === null) return
    const undo = { label: 'Undo', run: () => void setBack(saved, policy.enabled) }
    tellDone({ text: `${policy.id} ${EFFECT[`${enabled}`]}`, undo })
  }
  return (
    <div class="row">
      <a class="button main" href={hrefTo(['policies', policy.id, 'edit'])}>
        Edit
      </a>
      <SnoozeButton policy={policy} />
      <Button onClick={() => setOpened('stop')}>Stop now …</Button>
      <Button onClick={() => setOpened('start')}>Start now …</Button>
      <Button isBusy={action.isBusy} onClick={change}>
        {policy.enabled ? 'Disable' : 'Enable'}
      </Button>
      <Button look="danger" onClick={() => setOpened('delete')}>
        Delete …
      </Button>
      {action.error && <ProblemBox error={action.error} />}
      {opened === 'delete' && <DeletePolicy policy={policy} onClose={close} />}
      {(opened === 'stop' || opened === 'start') && (
        <RunNow policy={policy} action={opened} onClose={close} />
      )}
    </div>
  )
}

const setBack = (policy: Policy, enabled: boolean): Promise<void> =>
  takeBack(
    enabledRequest(policy, enabled),
    `${policy.id} ${EFFECT[`${enabled}`]}`,
    `${policy.id} stays as it is`,
  )
