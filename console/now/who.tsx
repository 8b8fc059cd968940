/** Exactly whom the next stop or start is about, and whom not. */
import { useEffect } from 'preact/hooks'
import type { NextAction } from '../api/types.ts'
import { Dialog } from '../parts/dialog.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { PreviewBody } from '../policies/preview.tsx'
import type { PreviewShown } from '../policies/preview-answer.ts'

interface WhoProps {
  next: NextAction
  counted: PreviewShown
  onClose(): void
}

export function Who({ next, counted: { data, error, reload }, onClose }: WhoProps) {
  // The fleet may have changed since it was counted.
  useEffect(reload, [reload])
  const { policyId, action } = next
  return (
    <Dialog title={`Whom ${policyId} would ${action}, as of now`} onClose={onClose}>
      {error && <ProblemBox error={error} retry={reload} />}
      {data && <PreviewBody preview={data} action={action} policy={next} isWhoOpen />}
      {!data && !error && (
        <p class="loading" role="status">
          Asking the cloud …
        </p>
      )}
    </Dialog>
  )
}
