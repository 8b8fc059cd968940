/** The question before many servers are stopped or started: how many, typed. */
import { useState } from 'preact/hooks'
import { Field } from '../../parts/field.tsx'

/** Where the policy has no limit of its own, more servers than this ask for their number. */
const MAX_UNLIMITED = 50

const needsTyping = (count: number, maxServers: number | null): boolean =>
  count > (maxServers ?? MAX_UNLIMITED)

interface Confirmation {
  isConfirmed: boolean
  typed: string
  type(text: string): void
}

/** Whether somebody has typed how many servers it is about, where that is needed. */
export function useConfirmation(count: number, maxServers: number | null): Confirmation {
  const [typed, setTyped] = useState('')
  const isConfirmed = !needsTyping(count, maxServers) || typed.replaceAll(/\D/g, '') === String(count)
  return { isConfirmed, typed, type: setTyped }
}

interface ConfirmCountProps {
  count: number
  maxServers: number | null
  confirmation: Confirmation
}

export function ConfirmCount({ count, maxServers, confirmation }: ConfirmCountProps) {
  if (!needsTyping(count, maxServers)) return null
  return (
    <Field label={`Type ${count} to go on`} hint="So many servers are not to be taken by mistake.">
      {ids => (
        <input
          {...ids}
          inputmode="numeric"
          autocomplete="off"
          value={confirmation.typed}
          onInput={event => confirmation.type(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
