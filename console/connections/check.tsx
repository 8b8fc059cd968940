/** Reaches the cloud with the key of a connection, and says what came of it. */
import { useState } from 'preact/hooks'
import type { Check } from '../api/types.ts'
import { useAction } from '../api/use-action.ts'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { ProblemBox } from '../parts/problem.tsx'
import { ToneWord } from '../parts/status-word.tsx'
import { serverNow, When } from '../parts/when.tsx'
import { foundText } from './words.ts'

interface Checked {
  check: Check
  at: string
}

export function CheckCard({ id }: { id: string }) {
  const [checked, setChecked] = useState<Checked | null>(null)
  const action = useAction()
  const run = async () => {
    const path = `/v1/connections/${encodeURIComponent(id)}/check`
    const check = await action.send<Check>({ method: 'POST', path, body: {} })
    if (check !== null) setChecked({ check, at: new Date(serverNow()).toISOString() })
  }
  return (
    <Card title="Does it work?">
      <div role="status">
        {action.isBusy && <p>Asking the cloud …</p>}
        {!action.isBusy && checked && <CheckResult checked={checked} />}
        {!action.isBusy && !checked && (
          <p class="soft">
            A check reaches the cloud with the key and counts the servers. It changes nothing.
          </p>
        )}
      </div>
      {action.error && <ProblemBox error={action.error} />}
      <Button look="main" isBusy={action.isBusy} onClick={run}>
        {checked ? 'Check again' : 'Check'}
      </Button>
    </Card>
  )
}

function CheckResult({ checked: { check, at } }: { checked: Checked }) {
  const { ok, reason, warnings = [] } = check
  return (
    <>
      <p>
        {ok ? <ToneWord tone="good">It works:</ToneWord> : <ToneWord tone="bad">It does not work:</ToneWord>}{' '}
        {ok ? foundText(check) : reason}{' '}
        <span class="soft">
          as of <When at={at} />
        </span>
      </p>
      {ok && reason !== undefined && (
        <p>
          <ToneWord tone="part">In part:</ToneWord> {reason}
        </p>
      )}
      {warnings.map(({ code, message }) => (
        <p key={`${code} ${message}`}>
          <ToneWord tone="part">Warning:</ToneWord> {message}
        </p>
      ))}
    </>
  )
}
