/** The fields of a policy, what is rare behind *More*. */
import type { Connection } from '../../../api/types.ts'
import { FieldGroup } from './field-group.tsx'
import { ChoiceField, type FormState, TextField, TickField } from './form-field.tsx'
import { HowFields, LimitFields } from './how-fields.tsx'
import { More } from './more.tsx'
import { OPTIONAL_WORDS, TEXT } from './notation.ts'
import { ServerFields } from './server-fields.tsx'
import { StartFields, StopFields } from './time-fields.tsx'
import { ToldFields } from './told-fields.tsx'

interface PolicyFormProps {
  form: FormState
  /** A policy that is not there yet has an id to choose. */
  isNew: boolean
  connections: Pick<Connection, 'id' | 'enabled'>[]
  onKind(kind: string): void
}

export function PolicyForm(props: PolicyFormProps) {
  const { form } = props
  return (
    <>
      <WhatFields {...props} />
      <StopFields form={form} />
      <StartFields form={form} />
      <ServerFields form={form} />
      <HowFields form={form} />
      <LimitFields form={form} />
      <ToldFields form={form} />
    </>
  )
}

function WhatFields({ form, isNew, connections, onKind }: PolicyFormProps) {
  const options = connections.map(({ id, enabled }): [string, string] => [
    id,
    enabled ? id : `${id} (disabled: nothing of it is stopped)`,
  ])
  return (
    <FieldGroup title="What it is">
      {isNew && (
        <TextField
          form={form}
          path="id"
          label="Name"
          notation={TEXT}
          hint="Lower-case letters, digits and dashes, such as nightly-dev. It stays."
        />
      )}
      <TextField form={form} path="description" label="Description" notation={TEXT} />
      <TickField form={form} path="enabled" label="Enabled" whenAbsent={true} />
      <ChoiceField form={form} path="connection" label="Connection" whenAbsent="" options={options} />
      <More form={form} paths={['connections']} title="More: several connections">
        <TextField
          form={form}
          path="connections"
          label="Or several connections"
          notation={OPTIONAL_WORDS}
          lines={2}
          hint="Ids, or globs such as prod-*, one a line: each due time makes a run for each that matches then."
        />
      </More>
      <ChoiceField
        form={form}
        path="kind"
        label="Kind of servers"
        whenAbsent="ecs"
        options={[
          ['ecs', 'Elastic cloud servers (ecs)'],
          ['bms', 'Bare metal (bms)'],
        ]}
        onChoose={onKind}
      />
    </FieldGroup>
  )
}
