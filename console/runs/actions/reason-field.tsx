import { Field } from '../../parts/field.tsx'

/** Why, for those who read the run later; nobody has to say. */
export function ReasonField({ reason, onReason }: { reason: string; onReason(reason: string): void }) {
  return (
    <Field label="Reason" hint="It stands in the run, for those who read it later. It may be left empty.">
      {ids => (
        <input
          {...ids}
          autocomplete="off"
          maxLength={1000}
          value={reason}
          onInput={event => onReason(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
