/** When a policy stops, and when it starts again. */
import { cronWords } from '../../cron-words.ts'
import { cronText } from '../../sentence.ts'
import { newStart } from '../draft.ts'
import type { Json } from '../json-text.ts'
import { FieldGroup } from './field-group.tsx'
import { ChoiceField, type FormState, fieldValue, TextField, TickField } from './form-field.tsx'
import { More } from './more.tsx'
import { CALENDARS, NUMBER, TEXT, WORDS } from './notation.ts'

const TIME_ZONES = 'time-zones'

/** What a cron means; one of no common form is told by its due times alone. */
function cronHint(cron: Json | undefined): string {
  if (typeof cron !== 'string' || cron.trim() === '')
    return 'Minute, hour, day of month, month, day of week: 0 20 * * 1-5'
  if (cronWords(cron) === null) return 'No common form: the next ten times tell what it means.'
  const words = cronText(cron)
  return `${words[0]!.toUpperCase()}${words.slice(1)}.`
}

export function StopFields({ form }: { form: FormState }) {
  return (
    <FieldGroup title="When it stops">
      <TextField
        form={form}
        path="schedule.cron"
        label="Stops at (cron)"
        notation={TEXT}
        hint={cronHint(fieldValue(form, 'schedule.cron'))}
      />
      <TextField
        form={form}
        path="schedule.timeZone"
        label="Time zone"
        notation={TEXT}
        list={TIME_ZONES}
        hint="An IANA name. Its clock holds for the start, too."
      />
      <datalist id={TIME_ZONES}>
        {['UTC', ...Intl.supportedValuesOf('timeZone')].map(zone => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <More form={form} paths={['schedule.skipDates', 'schedule.calendars', 'schedule.catchUpMinutes']}>
        <TextField
          form={form}
          path="schedule.skipDates"
          label="Not on these dates"
          notation={WORDS}
          lines={3}
          placeholder="2026-10-01"
          hint="One a line. Nothing is stopped or started on them."
        />
        <TextField
          form={form}
          path="schedule.calendars"
          label="Calendars"
          notation={CALENDARS}
          lines={2}
          placeholder="holidays = skip"
          hint="One a line: skip leaves its events out, also adds their dates."
        />
        <TextField
          form={form}
          path="schedule.catchUpMinutes"
          label="How late a stop may still begin (min)"
          notation={NUMBER}
          isNumber
          placeholder="60"
        />
      </More>
    </FieldGroup>
  )
}

export function StartFields({ form }: { form: FormState }) {
  const isOn = (fieldValue(form, 'start') ?? null) !== null
  const toggle = (on: boolean) => form.set('start', on ? newStart(fieldValue(form, 'schedule.cron')) : null)
  return (
    <FieldGroup title="When it starts them again">
      <TickField form={form} path="start" label="It starts servers, too" whenAbsent={false} onTick={toggle} />
      {isOn && (
        <>
          <TextField
            form={form}
            path="start.cron"
            label="Starts at (cron)"
            notation={TEXT}
            hint={cronHint(fieldValue(form, 'start.cron'))}
          />
          <ChoiceField
            form={form}
            path="start.servers"
            label="Which servers it starts"
            whenAbsent="stopped"
            options={[
              ['stopped', 'Those that it stopped and that are still off'],
              ['selected', 'Every server of its selector that is off'],
            ]}
          />
          <More form={form} paths={['start.catchUpMinutes', 'start.retryMinutes']}>
            <TextField
              form={form}
              path="start.catchUpMinutes"
              label="How late a start may still begin (min)"
              notation={NUMBER}
              isNumber
              placeholder="240"
            />
            <TextField
              form={form}
              path="start.retryMinutes"
              label="Asked again where the cloud has no room (min)"
              notation={NUMBER}
              isNumber
              placeholder="120"
              hint="0: once."
            />
          </More>
        </>
      )}
    </FieldGroup>
  )
}
