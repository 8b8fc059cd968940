/** Which servers: the selector, and what is left out of it. */
import { FieldGroup } from './field-group.tsx'
import { type FormState, TextField, TickField } from './form-field.tsx'
import { More } from './more.tsx'
import { OPTIONAL_TEXT, OPTIONAL_WORDS, TAGS } from './notation.ts'

const TAGS_HINT = 'One a line: env = dev, test. Without = any value.'
const NAME_HINT = 'Such as dev-*: * is any text, ? any one character.'

export function ServerFields({ form }: { form: FormState }) {
  // A fault of the selector as a whole is no field's.
  const whole = form.errors.find(({ path }) => path === 'selector')
  return (
    <>
      <FieldGroup title="Which servers">
        <p class="hint">All that is said here must hold for a server.</p>
        {whole && <p class="bad">{whole.message}</p>}
        <TextField
          form={form}
          path="selector.tags"
          label="With these tags"
          notation={TAGS}
          lines={3}
          hint={`${TAGS_HINT} Every tag must be there.`}
        />
        <TextField form={form} path="selector.name" label="Named" notation={OPTIONAL_TEXT} hint={NAME_HINT} />
        <More
          form={form}
          paths={['selector.ids', 'selector.enterpriseProjectId', 'selector.all']}
          title="More: ids, enterprise project, every server"
        >
          <TextField
            form={form}
            path="selector.ids"
            label="With one of these ids"
            notation={OPTIONAL_WORDS}
            lines={3}
            hint="One a line."
          />
          <TextField
            form={form}
            path="selector.enterpriseProjectId"
            label="Of the enterprise project"
            notation={OPTIONAL_TEXT}
          />
          <TickField
            form={form}
            path="selector.all"
            label="Every server of the kind"
            hint="The only way to say so: an empty selector is refused."
            whenAbsent={false}
            off={undefined}
          />
        </More>
      </FieldGroup>
      <FieldGroup title="Left out of these">
        <p class="hint">A server that any of these names is left as it is.</p>
        <TextField
          form={form}
          path="exclude.tags"
          label="With any of these tags"
          notation={TAGS}
          lines={2}
          hint={TAGS_HINT}
        />
        <More form={form} paths={['exclude.name', 'exclude.ids']} title="More: name, ids">
          <TextField
            form={form}
            path="exclude.name"
            label="Named"
            notation={OPTIONAL_TEXT}
            hint={NAME_HINT}
          />
          <TextField
            form={form}
            path="exclude.ids"
            label="With one of these ids"
            notation={OPTIONAL_WORDS}
            lines={3}
            hint="One a line."
          />
        </More>
      </FieldGroup>
    </>
  )
}
