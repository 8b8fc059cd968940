/** An edit from its beginning to its saving, and what came between. */
import { useState } from 'preact/hooks'
import { ApiError } from '../../api/client.ts'
import type { Policy } from '../../api/types.ts'
import { type Draft, draftOf, editableFields } from './draft.ts'
import type { JsonObject } from './json-text.ts'
import { mergeOnTop, type Versions } from './merge.ts'
import { type SaveResult, savePolicy } from './save-policy.ts'

/** What an edit is of: a stored policy and its version, or a new one that has neither an id nor a version. */
export interface EditBase {
  id: string | null
  document: JsonObject
  version: number | null
}

/** Another edit that was saved since this one was opened. */
export interface Conflict extends Versions {
  /** As it is stored now; its version is what the next save is of. */
  stored: Policy
  /** What this edit was of. */
  base: EditBase
}

interface Saving {
  isBusy: boolean
  error: ApiError | null
  conflict: Conflict | null
  savedId: string | null
}

const AT_REST: Saving = { isBusy: false, error: null, conflict: null, savedId: null }

const GONE = new ApiError(
  404,
  'This policy was deleted meanwhile. What you wrote is still here: save once more, and it is created anew.',
)

export interface Editing extends Saving {
  base: EditBase
  draft: Draft
  setDraft(draft: Draft): void
  save(): Promise<void>
  /** Ways out of a conflict. */
  takeTheirs(conflict: Conflict): void
  keepMine(conflict: Conflict): Promise<void>
  /** Back to an edit as it was, also to what it was of. */
  goBackTo(base: EditBase, draft: Draft): void
  goOn(): void
}

const baseOfStored = ({ stored, theirs }: Conflict): EditBase => ({
  id: stored.id,
  document: theirs,
  version: stored.version,
})

export function useEditing(start: EditBase): Editing {
  const [base, setBase] = useState(start)
  const [draft, setDraft] = useState(() => draftOf(start.document))
  const [saving, setSaving] = useState(AT_REST)

  const saveAs = async (from: EditBase, mine: JsonObject): Promise<void> => {
    setSaving({ ...AT_REST, isBusy: true })
    const { version, document } = from
    const id = from.id ?? (typeof mine.id === 'string' ? mine.id : '')
    const result = await savePolicy({ id, version, opened: version === null ? null : document, mine })
    if (result.kind === 'gone') setBase({ ...from, version: null })
    setSaving({ ...AT_REST, ...outcomeOf(result, { from, mine }) })
  }
  const goBackTo = (to: EditBase, next: Draft) => {
    setBase(to)
    setDraft(next)
    setSaving(AT_REST)
  }
  return {
    ...saving,
    base,
    draft,
    goBackTo,
    setDraft: next => {
      setDraft(next)
      // What was said of the text before may not hold for this one.
      setSaving(before => ({ ...before, error: null }))
    },
    save: () => saveAs(base, draft.document),
    takeTheirs: conflict => goBackTo(baseOfStored(conflict), draftOf(conflict.theirs)),
    keepMine: conflict => {
      const merged = mergeOnTop(conflict)
      goBackTo(baseOfStored(conflict), draftOf(merged))
      return saveAs(baseOfStored(conflict), merged)
    },
    goOn: () => setSaving(AT_REST),
  }
}

function outcomeOf(
  result: SaveResult,
  { from, mine }: { from: EditBase; mine: JsonObject },
): Partial<Saving> {
  switch (result.kind) {
    case 'saved':
      return { savedId: result.policy.id }
    case 'refused':
      return { error: result.error }
    case 'gone':
      return { error: GONE }
    case 'conflict': {
      const theirs = editableFields(result.stored)
      return { conflict: { stored: result.stored, base: from, opened: from.document, theirs, mine } }
    }
  }
}
