/** A field of the form: its value is that of the document, its text is as it was typed. */
import { useState } from 'preact/hooks'
import type { ApiError } from '../../../api/client.ts'
import { Field } from '../../../parts/field.tsx'
import { valueAt } from '../draft.ts'
import { isJsonObject, type Json, type JsonObject } from '../json-text.ts'
import { isSameJson } from '../merge.ts'
import type { Notation } from './notation.ts'

/** What the form shows and changes. */
export interface FormState {
  document: JsonObject
  errors: ApiError['fields']
  set(path: string, value: Json | undefined): void
}

/** What the API says of a field, or of a part of it. */
export const errorOfField = (errors: ApiError['fields'], path: string): string | undefined => {
  const found = errors.filter(error => error.path === path || error.path.startsWith(`${path}.`))
  return found.length === 0 ? undefined : found.map(({ message }) => message).join('; ')
}

export const fieldValue = (form: FormState, path: string): Json | undefined =>
  valueAt(form.document, path.split('.'))

/** The text of a field while it is typed: as typed as long as it says what the document says. */
function useTyped(value: Json | undefined, notation: Notation): [string | null, (text: string) => void] {
  const [typed, setTyped] = useState<string | null>(null)
  const isCurrent = typed !== null && isSameJson(notation.parse(typed, value), value)
  return [isCurrent ? typed : notation.print(value), setTyped]
}

interface TextFieldProps {
  form: FormState
  path: string
  label: string
  notation: Notation
  hint?: string
  /** More than one line. */
  lines?: number
  isNumber?: true
  /** The id of a `datalist`. */
  list?: string
  placeholder?: string
}

const BEYOND_FORM = 'This form cannot show what stands in the JSON here: change it there.'

export function TextField({ form, path, label, notation, hint, ...look }: TextFieldProps) {
  const value = fieldValue(form, path)
  const [text, setTyped] = useTyped(value, notation)
  const change = (event: { currentTarget: { value: string } }) => {
    setTyped(event.currentTarget.value)
    form.set(path, notation.parse(event.currentTarget.value, value))
  }
  const { lines, isNumber, list, placeholder } = look
  return (
    <Field label={label} hint={text === null ? BEYOND_FORM : hint} error={errorOfField(form.errors, path)}>
      {ids => {
        const shared = {
          ...ids,
          value: text ?? '',
          disabled: text === null,
          spellcheck: false,
          onInput: change,
        }
        if (lines !== undefined) return <textarea {...shared} rows={lines} placeholder={placeholder} />
        return (
          <input
            {...shared}
            type="text"
            autocomplete="off"
            placeholder={placeholder}
            {...(isNumber ? { inputMode: 'decimal' as const, class: 'short' } : {})}
            {...(list === undefined ? {} : { list })}
          />
        )
      }}
    </Field>
  )
}

interface ChoiceFieldProps {
  form: FormState
  path: string
  label: string
  hint?: string
  options: [value: string, text: string][]
  /** What is meant where the document says nothing. */
  whenAbsent: string
  onChoose?(value: string): void
}

export function ChoiceField({ form, path, label, hint, options, whenAbsent, onChoose }: ChoiceFieldProps) {
  const value = fieldValue(form, path) ?? whenAbsent
  const isKnown = options.some(([one]) => one === value)
  const shown: [string, string][] = isKnown
    ? options
    : [...options, [String(value), value === '' ? 'Choose' : `${JSON.stringify(value)}, as in the JSON`]]
  const choose = onChoose ?? ((chosen: string) => form.set(path, chosen))
  return (
    <Field label={label} hint={hint} error={errorOfField(form.errors, path)}>
      {ids => (
        <select {...ids} value={String(value)} onChange={event => choose(event.currentTarget.value)}>
          {shown.map(([one, text]) => (
            <option key={one} value={one}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface TickFieldProps {
  form: FormState
  path: string
  label: string
  hint?: string
  /** What is meant where the document says nothing. */
  whenAbsent: boolean
  /** What the document says when it is not ticked. */
  off?: false | undefined
  onTick?(isTicked: boolean): void
}

export function TickField({ form, path, label, hint, whenAbsent, onTick, ...rest }: TickFieldProps) {
  const value = fieldValue(form, path) ?? whenAbsent
  const isTicked = value === true || isJsonObject(value)
  const off = 'off' in rest ? rest.off : false
  // What is wrong within an object is said at the fields of it.
  const error = isJsonObject(value) ? undefined : errorOfField(form.errors, path)
  const tick = onTick ?? ((isOn: boolean) => form.set(path, isOn ? true : off))
  return (
    <div class="field">
      <label class="tick">
        <input type="checkbox" checked={isTicked} onChange={event => tick(event.currentTarget.checked)} />{' '}
        {label}
      </label>
      {(hint !== undefined || error !== undefined) && (
        <p class="hint">
          {error !== undefined && <span class="bad">{error} </span>}
          {hint}
        </p>
      )}
    </div>
  )
}
