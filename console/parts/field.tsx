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
