/** Saves an edit so that no other edit is overwritten. */
import { ApiError, fetchData } from '../../api/client.ts'
import type { Policy } from '../../api/types.ts'
import { toApiError } from '../../api/use-answer.ts'
import { editableFields } from './draft.ts'
import type { JsonObject } from './json-text.ts'
import { isSameJson } from './merge.ts'

interface PolicyEditing {
  id: string
  /** As it was when it was opened; `null`: there is none yet. */
  opened: JsonObject | null
  /** The version that is edited. */
  version: number | null
  mine: JsonObject
}

export type SaveResult =
  | { kind: 'saved'; policy: Policy }
  | { kind: 'refused'; error: ApiError }
  /** Another edit came between. */
  | { kind: 'conflict'; stored: Policy }
  /** It was deleted meanwhile. */
  | { kind: 'gone' }

const pathOfPolicy = (id: string): string => `/v1/policies/${encodeURIComponent(id)}`

const NO_ID = new ApiError(422, 'name: choose one, such as nightly-dev', [
  { path: 'id', message: 'choose a name, such as nightly-dev' },
])

const takenId = (id: string): ApiError => {
  const message = `there is a policy ${id} already: choose another name, or edit that one`
  return new ApiError(412, message, [{ path: 'id', message }])
}

export async function savePolicy(editing: PolicyEditing): Promise<SaveResult> {
  const { id, version, mine } = editing
  if (id === '') return { kind: 'refused', error: NO_ID }
  const headers: Record<string, string> =
    version === null ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` }
  try {
    const policy = await fetchData<Policy>({ method: 'PUT', path: pathOfPolicy(id), headers, body: mine })
    return { kind: 'saved', policy }
  } catch (failure) {
    const error = toApiError(failure)
    return error.status === 412 ? afterRefusedGuard(editing) : { kind: 'refused', error }
  }
}

/** A snooze makes a version, too, and changes nothing of what is edited: then the edit is sent again. */
async function afterRefusedGuard(editing: PolicyEditing): Promise<SaveResult> {
  const { id, opened } = editing
  if (opened === null) return { kind: 'refused', error: takenId(id) }
  try {
    const stored = await fetchData<Policy>({ path: pathOfPolicy(id) })
    return isSameJson(editableFields(stored), opened)
      ? savePolicy({ ...editing, version: stored.version })
      : { kind: 'conflict', stored }
  } catch (failure) {
    const error = toApiError(failure)
    return error.status === 404 ? { kind: 'gone' } : { kind: 'refused', error }
  }
}
