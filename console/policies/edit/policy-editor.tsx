/** The form and the JSON of a policy side by side, and what it would do beside both. */
import { useEffect } from 'preact/hooks'
import type { Connection } from '../../api/types.ts'
import { reloadAll } from '../../api/use-answer.ts'
import { Button } from '../../parts/button.tsx'
import { tellDone } from '../../parts/notice.tsx'
import { ProblemBox } from '../../parts/problem.tsx'
import { goTo, hrefTo } from '../../router.ts'
import { ConflictDialog } from './conflict.tsx'
import { draftOf, withField, withKind, withText } from './draft.ts'
import type { FormState } from './form/form-field.tsx'
import { PolicyForm } from './form/policy-form.tsx'
import { JsonPane } from './json-pane.tsx'
import { LeaveGuard } from './leave-guard.tsx'
import { LivePreview, useLivePreview } from './live-preview.tsx'
import { isSameJson } from './merge.ts'
import { type EditBase, type Editing, useEditing } from './use-editing.ts'

interface PolicyEditorProps {
  start: EditBase
  connections: Pick<Connection, 'id' | 'enabled'>[]
}

export function PolicyEditor({ start, connections }: PolicyEditorProps) {
  const editing = useEditing(start)
  const { base, draft, setDraft, error, savedId } = editing
  const preview = useLivePreview(draft)
  const isChanged = draft.problem !== null || !isSameJson(draft.document, base.document)
  const noticed = isChanged ? (preview.error?.fields ?? []) : []
  const errors = error !== null && error.fields.length > 0 ? error.fields : noticed
  const form: FormState = {
    document: draft.document,
    errors,
    set: (path, value) => setDraft(withField(draft, path, value)),
  }
  if (savedId !== null) return <SavedPolicy id={savedId} />
  return (
    <>
      <EditorHead editing={editing} isChanged={isChanged} />
      {error && <ProblemBox error={error} />}
      <div class="editor">
        <section class="card" aria-label="Form">
          <fieldset disabled={draft.problem !== null}>
            <legend class="unseen">The policy as a form</legend>
            <PolicyForm
              form={form}
              isNew={base.id === null}
              connections={connections}
              onKind={kind => setDraft(withKind(draft, kind))}
            />
          </fieldset>
        </section>
        <div class="editor-side">
          <LivePreview shown={preview} draft={draft} />
          <JsonPane
            draft={draft}
            errors={errors}
            onType={text => setDraft(withText(draft, text))}
            onReset={() => setDraft(draftOf(draft.document))}
          />
        </div>
      </div>
      <EditConflict editing={editing} />
      <LeaveGuard isChanged={isChanged} />
    </>
  )
}

function EditorHead({ editing, isChanged }: { editing: Editing; isChanged: boolean }) {
  const { base, draft, isBusy, save } = editing
  return (
    <div class="screen-head editor-head">
      <h1>{base.id === null ? 'New policy' : `Edit ${base.id}`}</h1>
      <div class="row">
        {isChanged && <span class="soft">Not saved yet</span>}
        <Button
          look="main"
          isBusy={isBusy}
          disabled={draft.problem !== null || !isChanged}
          onClick={() => void save()}
        >
          Save
        </Button>
        <a class="button" href={hrefTo(base.id === null ? ['policies'] : ['policies', base.id])}>
          Leave
        </a>
      </div>
    </div>
  )
}

/** Once nothing is unsaved any more, the policy itself is shown. */
function SavedPolicy({ id }: { id: string }) {
  useEffect(() => {
    goTo(hrefTo(['policies', id]))
    tellDone({ text: `${id} is saved.` })
    reloadAll()
  }, [id])
  return null
}

function EditConflict({ editing }: { editing: Editing }) {
  const { conflict, draft, takeTheirs, keepMine, goBackTo, goOn } = editing
  if (conflict === null) return null
  const take = () => {
    takeTheirs(conflict)
    const undo = { label: 'Back to mine', run: () => goBackTo(conflict.base, draft) }
    tellDone({ text: 'Theirs is shown now.', undo })
  }
  return (
    <ConflictDialog
      conflict={conflict}
      onTakeTheirs={take}
      onKeepMine={() => void keepMine(conflict)}
      onClose={goOn}
    />
  )
}
