/** Somebody else saved the policy meanwhile: what they changed, what is changed here, and what to do about it. */
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { When } from '../../parts/when.tsx'
import { ShownValue } from '../one/history.tsx'
import { type FieldConflict, fieldConflicts } from './merge.ts'
import type { Conflict } from './use-editing.ts'

interface ConflictDialogProps {
  conflict: Conflict
  onTakeTheirs(): void
  onKeepMine(): void
  onClose(): void
}

const CHANGED_BY: Record<FieldConflict['changedBy'], string> = {
  them: 'they changed it',
  me: 'you changed it',
  both: 'both changed it',
}

export function ConflictDialog({ conflict, onTakeTheirs, onKeepMine, onClose }: ConflictDialogProps) {
  const { stored } = conflict
  return (
    <Dialog title="It was changed meanwhile" onClose={onClose}>
      <p>
        <strong>{stored.updatedBy ?? 'Somebody'}</strong> saved {stored.id} <When at={stored.updatedAt} />,
        after you had opened it. Nothing of yours is lost: choose what holds.
      </p>
      <div class="scrolls">
        <table class="stacks">
          <caption class="unseen">Fields that differ</caption>
          <thead>
            <tr>
              {['Field', 'Was', 'Theirs', 'Mine'].map(title => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fieldConflicts(conflict).map(field => (
              <tr key={field.path}>
                <td data-title="Field">
                  <code>{field.path}</code> <div class="soft">{CHANGED_BY[field.changedBy]}</div>
                </td>
                <td data-title="Was">
                  <ShownValue value={field.opened} />
                </td>
                <td data-title="Theirs">
                  <ShownValue value={field.theirs} />
                </td>
                <td data-title="Mine">
                  <ShownValue value={field.mine} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="row">
        <Button look="main" onClick={onKeepMine}>
          Keep mine on top, and save
        </Button>
        <Button onClick={onTakeTheirs}>Take theirs</Button>
        <Button onClick={onClose}>Go on editing</Button>
      </div>
      <p class="hint">Mine on top: fields that you did not change stay theirs.</p>
    </Dialog>
  )
}
