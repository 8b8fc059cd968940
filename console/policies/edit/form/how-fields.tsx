/** How a policy stops, and how much at most. */
import { FieldGroup } from './field-group.tsx'
import { ChoiceField, errorOfField, type FormState, fieldValue, TextField, TickField } from './form-field.tsx'
import { More } from './more.tsx'
import { nullableNumber, percentOr, WEBHOOK } from './notation.ts'

export function HowFields({ form }: { form: FormState }) {
  const isMetal = fieldValue(form, 'kind') === 'bms'
  const isHard = fieldValue(form, 'mode') === 'hard'
  return (
    <FieldGroup title="How it stops">
      <ChoiceField
        form={form}
        path="mode"
        label="Mode"
        whenAbsent="soft"
        options={[
          ['soft', 'Soft: the guest is asked to shut down'],
          ['hard', 'Hard: the power is cut'],
        ]}
      />
      {isMetal && (
        <>
          <p class="hint">
            Bare metal has no soft stop: whatever its type says, the power is cut, and what is not on disk is
            lost. So it needs the mode hard, and your consent.
          </p>
          <TickField
            form={form}
            path="acceptPowerCut"
            label="I accept that the power of these machines is cut"
            whenAbsent={false}
          />
        </>
      )}
      {!isMetal && (!isHard || errorOfField(form.errors, 'escalateAfterMinutes') !== undefined) && (
        <TextField
          form={form}
          path="escalateAfterMinutes"
          label="Cut the power of what is still up after (min)"
          notation={nullableNumber(null)}
          isNumber
          hint="Empty: never."
        />
      )}
    </FieldGroup>
  )
}

export function LimitFields({ form }: { form: FormState }) {
  return (
    <FieldGroup title="How much at most">
      <TextField
        form={form}
        path="limits.maxServers"
        label="At most so many servers"
        notation={nullableNumber(null)}
        isNumber
        hint="A run of more is blocked, and nothing is done. Empty: any number."
      />
      <TextField
        form={form}
        path="limits.maxPercent"
        label="At most this share of the connection's servers (%)"
        notation={nullableNumber(null)}
        isNumber
      />
      <More form={form} paths={['limits.historyFactor', 'haltShare', 'webhook']}>
        <TextField
          form={form}
          path="limits.historyFactor"
          label="At most so many times its own recent runs"
          notation={nullableNumber(3)}
          isNumber
          hint="Empty: not compared."
        />
        <TextField
          form={form}
          path="haltShare"
          label="Halt once this share of a run's servers failed (%)"
          notation={percentOr(0.1)}
          isNumber
          hint="Empty: never."
        />
        <TextField
          form={form}
          path="webhook"
          label="Tell this address when a run ends"
          notation={WEBHOOK}
          placeholder="https://"
          hint="https only. Empty: nobody is told."
        />
      </More>
    </FieldGroup>
  )
}
