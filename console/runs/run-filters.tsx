/** What the list of runs shows; it stands in the address, so that it can be kept and sent. */
import { useEffect, useState } from 'preact/hooks'
import type { ApiError } from '../api/client.ts'
import type { Connection, Page, Policy } from '../api/types.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { replaceQuery } from '../router.ts'
import { type Filter, isFiltered, type RunFilters } from './list-query.ts'

const STATUSES = ['pending', 'running', 'succeeded', 'partial', 'failed', 'blocked', 'missed', 'cancelled']

interface FilterProps {
  filters: RunFilters
  name: Filter
  label: string
  error?: string | undefined
}

const changeFilter = (filters: RunFilters, name: Filter, value: string): void =>
  replaceQuery({ ...filters, [name]: value.trim() })

function ChoiceFilter({ filters, name, label, choices }: FilterProps & { choices: string[] }) {
  return (
    <Field label={label}>
      {ids => (
        <select
          {...ids}
          value={filters[name]}
          onChange={event => changeFilter(filters, name, event.currentTarget.value)}
        >
          <option value="">any</option>
          {choices.map(one => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface SuggestedProps extends FilterProps {
  /** The list whose ids are suggested, and what else may be asked for. */
  path: string
  more?: string[]
}

/** An id, with those that there are suggested once somebody begins to look for one; taken when it is chosen, or typed to its end. */
function SuggestedFilter({ filters, name, label, error, path, more = [] }: SuggestedProps) {
  const [isWanted, setWanted] = useState(false)
  const [typed, setTyped] = useState(filters[name])
  useEffect(() => setTyped(filters[name]), [filters[name]])
  const { data } = useAnswer<Page<Policy | Connection>>(isWanted ? path : null)
  const ids = [...more, ...(data?.items ?? []).map(({ id }) => id)]
  const take = (value: string) => {
    if (value.trim() !== filters[name]) changeFilter(filters, name, value)
  }
  return (
    <Field label={label} error={error}>
      {field => (
        <>
          <input
            {...field}
            list={`${field.id}-list`}
            placeholder="any"
            autocomplete="off"
            spellcheck={false}
            value={typed}
            onFocus={() => setWanted(true)}
            onInput={({ currentTarget: { value } }) => {
              setTyped(value)
              if (value === '' || ids.includes(value)) take(value)
            }}
            onKeyDown={({ key }) => key === 'Enter' && take(typed)}
            onBlur={() => take(typed)}
          />
          <datalist id={`${field.id}-list`}>
            {ids.map(id => (
              <option key={id} value={id} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}

function DateFilter({ filters, name, label, error }: FilterProps) {
  return (
    <Field label={label} error={error}>
      {ids => (
        <input
          {...ids}
          type="date"
          value={filters[name]}
          onChange={event => changeFilter(filters, name, event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export function RunFilterFields({ filters, error }: { filters: RunFilters; error: ApiError | null }) {
  const errorOf = (path: string) => error?.fields.find(field => field.path === path)?.message
  return (
    <form class="filters" onSubmit={event => event.preventDefault()}>
      <SuggestedFilter
        filters={filters}
        name="policy"
        label="Policy"
        error={errorOf('policyId')}
        path="/v1/policies?limit=200"
        more={['manual']}
      />
      <SuggestedFilter
        filters={filters}
        name="connection"
        label="Connection"
        error={errorOf('connection')}
        path="/v1/connections?limit=200"
      />
      <ChoiceFilter filters={filters} name="action" label="Action" choices={['stop', 'start']} />
      <ChoiceFilter filters={filters} name="status" label="Status" choices={STATUSES} />
      <DateFilter filters={filters} name="since" label="Due from" error={errorOf('since')} />
      <DateFilter filters={filters} name="until" label="Due until" error={errorOf('until')} />
      <div class="row">
        <label>
          <input
            type="checkbox"
            checked={filters.bad === 'true'}
            onChange={event => changeFilter(filters, 'bad', event.currentTarget.checked ? 'true' : '')}
          />{' '}
          Only those that went wrong
        </label>
        {isFiltered(filters) && (
          <Button look="link" onClick={() => replaceQuery({})}>
            Show all
          </Button>
        )}
      </div>
    </form>
  )
}
