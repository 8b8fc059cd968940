import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface FieldProps {
  label: string
  hint?: ComponentChildren
  /** What the API says of this field. */
  error?: string | undefined
  children(ids: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }): ComponentChildren
}

/** A control with its name, what it means, and what is wrong with it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-more`, 'aria-invalid': error !== undefined })}
      <p class="hint" id={`${id}-more`}>
        {error !== undefined && <span class="bad">{error} </span>}
        {hint}
      </p>
    </div>
  )
}

interface ReasonFieldProps {
  reason: string
  /** Where others read it; in the run, where nothing is said. */
  hint?: string
  placeholder?: string
  onReason(reason: string): void
}

const IN_THE_RUN = 'It stands in the run, for those who read it later. It may be left empty.'

/** Why, for those who read it later; nobody has to say. */
export function ReasonField({ reason, hint = IN_THE_RUN, placeholder, onReason }: ReasonFieldProps) {
  return (
    <Field label="Reason" hint={hint}>
      {ids => (
        <input
          {...ids}
          autocomplete="off"
          maxLength={1000}
          placeholder={placeholder}
          value={reason}
          onInput={event => onReason(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
