/** Whom a policy tells, of what, and whether before its stops. */
import { FieldGroup } from './field-group.tsx'
import { type FormState, fieldValue, TextField, TickField } from './form-field.tsx'
import { NUMBER, TOLD } from './notation.ts'

export function ToldFields({ form }: { form: FormState }) {
  const isWarned = (fieldValue(form, 'warn') ?? null) !== null
  return (
    <FieldGroup title="Whom it tells">
      <TextField
        form={form}
        path="notify"
        label="Channels, and of what"
        notation={TOLD}
        lines={2}
        placeholder="ops = failed, partial"
        hint="One a line: failed, partial, missed, warning and others."
      />
      <TickField
        form={form}
        path="warn"
        label="They are warned of its stops"
        whenAbsent={false}
        onTick={isOn => form.set('warn', isOn ? {} : null)}
      />
      {isWarned && (
        <>
          <TextField
            form={form}
            path="warn.minutesBefore"
            label="How long before (min)"
            notation={NUMBER}
            isNumber
            placeholder="30"
          />
          <TextField
            form={form}
            path="warn.maxSnoozeHours"
            label="How much later its links let it come (h)"
            notation={NUMBER}
            isNumber
            placeholder="12"
          />
        </>
      )}
    </FieldGroup>
  )
}
