import { useState } from 'preact/hooks'
import { type ApiError, type ApiRequest, fetchData } from '../../api/client.ts'
import type { Policy, SnoozedPolicy } from '../../api/types.ts'
import { toApiError } from '../../api/use-answer.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field } from '../../parts/field.tsx'
import { tellDone } from '../../parts/notice.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { goTo, hrefTo } from '../../router.ts'
import { countText } from '../../words/run.ts'
import { ServerNames } from '../preview.tsx'
import { usePreviewOf } from '../preview-answer.ts'

interface DeletePolicyProps {
  policy: Policy
  onClose(): void
}

type Deleted = Pick<SnoozedPolicy, 'runUnderWay'>

const deletion = ({ id, version }: Policy): ApiRequest => ({
  method: 'DELETE',
  path: `/v1/policies/${encodeURIComponent(id)}`,
  headers: { 'if-match': `"${version}"` },
})

function deletedNotice(id: string, run: Deleted['runUnderWay']): Parameters<typeof tellDone>[0] {
  if (run === undefined) return { text: `${id} is deleted. Its runs stay.` }
  return {
    text: `${id} is deleted. A run that was due a moment ago goes on all the same.`,
    undo: { label: 'See the run', run: () => goTo(hrefTo(['runs', run.id])) },
  }
}

/** Deletes a policy once its name is typed; servers that it stopped, and that would stay off, are shown before. */
export function DeletePolicy({ policy, onClose }: DeletePolicyProps) {
  const { id } = policy
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const [typed, setTyped] = useState('')
  const remove = async () => {
    setBusy(true)
    try {
      const answer = await fetchData<Deleted | null>(deletion(policy))
      goTo(hrefTo(['policies']))
      tellDone(deletedNotice(id, answer?.runUnderWay))
    } catch (failure) {
      setError(toApiError(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog title={`Delete ${id}`} onClose={onClose}>
      <p>
        It stops and starts nothing any more. Its runs and their outcomes stay. To let it rest for a while,
        disable or snooze it instead.
      </p>
      <StayingOff policy={policy} />
      <Field label={`Type ${id} to delete it`}>
        {ids => (
          <input
            {...ids}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={typed}
            onInput={event => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
      {error && <ProblemBox error={error} />}
      <div class="row">
        <Button look="danger" isBusy={isBusy} disabled={typed.trim() !== id} onClick={remove}>
          Delete it
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </div>
    </Dialog>
  )
}

/** What its runs stopped and is still off: with the policy goes what would start it. */
function StayingOff({ policy }: { policy: Policy }) {
  const preview = usePreviewOf({
    path: `/v1/policies/${encodeURIComponent(policy.id)}/preview?action=start`,
  })
  const { data, error } = preview
  if (error)
    return (
      <p class="stale">
        Servers that its runs stopped stay off. Which these are could not be read: {error.message}
      </p>
    )
  if (data === null) return <p class="loading">Looking for servers that it stopped …</p>
  const { targets } = data.summary
  if (targets === 0) return <p>It would start no server now: none is off because of it.</p>
  return (
    <div class="problem">
      <p>
        <strong>{countText(targets, 'server')}</strong> that it would start again{' '}
        {targets === 1 ? 'is' : 'are'} off, and {targets === 1 ? 'stays' : 'stay'} off without it. To have
        them back, start them first.
      </p>
      <ServerNames servers={data.targets} connection={policy.connection} total={targets} />
    </div>
  )
}
