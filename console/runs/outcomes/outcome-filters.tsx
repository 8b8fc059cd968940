import { useEffect, useState } from 'preact/hooks'
import type { Run } from '../../api/types.ts'
import { Field } from '../../parts/field.tsx'
import { replaceQuery } from '../../router.ts'
import { codesIn, countOutcomes, type OutcomeFilters, outcomeWord, sharesOf } from '../outcome-words.ts'

const TYPING_MS = 300

interface OutcomeFilterProps {
  run: Run
  filters: OutcomeFilters
}

export function OutcomeFilterFields({ run, filters }: OutcomeFilterProps) {
  const change = (changed: Partial<OutcomeFilters>) => replaceQuery({ ...filters, ...changed })
  const statuses = sharesOf(run).flatMap(({ status }): string[] => (status === null ? [] : [status]))
  // What the address asks for can be chosen, whether or not the run has it.
  const choicesOf = (present: string[], chosen: string) =>
    chosen === '' || present.includes(chosen) ? present : [...present, chosen]
  const codes = codesIn(run).filter(code => countOutcomes(run, { status: filters.status, code }) > 0)
  return (
    <form class="filters" aria-label="Which servers" onSubmit={event => event.preventDefault()}>
      <Field label="Outcome">
        {ids => (
          <select
            {...ids}
            value={filters.status}
            onChange={event => change({ status: event.currentTarget.value, code: '' })}
          >
            <option value="">any</option>
            {choicesOf(statuses, filters.status).map(status => (
              <option key={status} value={status}>
                {`${outcomeWord(status)} (${countOutcomes(run, { status }).toLocaleString()})`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Code">
        {ids => (
          <select
            {...ids}
            value={filters.code}
            onChange={event => change({ code: event.currentTarget.value })}
          >
            <option value="">any</option>
            {choicesOf(codes, filters.code).map(code => (
              <option key={code} value={code}>
                {`${code} (${countOutcomes(run, { status: filters.status, code }).toLocaleString()})`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <NameFilter name={filters.name} onName={name => change({ name })} />
    </form>
  )
}

/** Asks once somebody has stopped typing. */
function NameFilter({ name, onName }: { name: string; onName(name: string): void }) {
  const [typed, setTyped] = useState(name)
  useEffect(() => setTyped(name), [name])
  useEffect(() => {
    if (typed.trim() === name) return
    const timer = window.setTimeout(() => onName(typed.trim()), TYPING_MS)
    return () => window.clearTimeout(timer)
  }, [typed])
  return (
    <Field label="Name" hint="A part of it, or a pattern: * is any text, ? any one character.">
      {ids => (
        <input
          {...ids}
          type="search"
          placeholder="any"
          autocomplete="off"
          spellcheck={false}
          maxLength={254}
          value={typed}
          onInput={event => setTyped(event.currentTarget.value)}
        />
      )}
    </Field>
  )
}
