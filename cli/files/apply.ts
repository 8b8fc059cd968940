/** Makes the edits, each by itself: one that fails does not stop the others. */
import type { FileEdit } from './edits.ts'
import { fieldLines, nameOf, refusalOf } from './show.ts'
import type { DocumentStore } from './stored.ts'

/** What became of an edit. */
interface Done {
  edit: FileEdit
  did: 'created' | 'changed' | 'deleted' | 'unchanged' | 'failed'
  /** Why it failed. */
  message?: string
}

async function carryOut(edit: FileEdit, store: DocumentStore): Promise<Done['did']> {
  switch (edit.does) {
    case 'create':
      await store.save(edit.kind, edit.fields, null)
      return 'created'
    case 'change':
      await store.save(edit.kind, edit.fields, edit.version)
      return 'changed'
    case 'delete':
      await store.remove(edit.kind, edit.id, edit.version)
      return 'deleted'
    case 'refuse':
      throw new Error(refusalOf(edit))
    case 'keep':
    case 'leave':
      return 'unchanged'
  }
}

/** Tells of each as soon as it is done. */
export async function applyEdits(
  edits: FileEdit[],
  store: DocumentStore,
  onDone: (done: Done) => void,
): Promise<Done[]> {
  const all: Done[] = []
  for (const edit of edits) {
    const done = await carryOut(edit, store).then(
      (did): Done => ({ edit, did }),
      (error: unknown): Done => {
        return { edit, did: 'failed', message: error instanceof Error ? error.message : String(error) }
      },
    )
    all.push(done)
    onDone(done)
  }
  return all
}

export function doneLines({ edit, did }: Done): string[] {
  if (did === 'unchanged') return []
  if (did === 'failed') return [`failed: ${nameOf(edit)}`]
  return [`${did}: ${nameOf(edit)}`, ...fieldLines(edit)]
}

const WAYS = ['created', 'changed', 'deleted', 'unchanged', 'failed'] as const

/** Counts of the documents of the files, and of those that were to be deleted. */
export function doneCounts(all: Done[]): Record<Done['did'], number> {
  const counted = all.filter(({ edit }) => edit.does !== 'leave')
  const counts = WAYS.map(way => [way, counted.filter(({ did }) => did === way).length] as const)
  return Object.fromEntries(counts) as Record<Done['did'], number>
}

export const doneSummary = (all: Done[]): string =>
  Object.entries(doneCounts(all))
    .map(([way, count]) => `${count} ${way}`)
    .join(', ')

export const doneJson = (all: Done[]): object => ({
  documents: all
    .filter(({ edit }) => edit.does !== 'leave')
    .map(({ edit, did, message }) => ({
      did,
      kind: edit.kind,
      id: edit.id,
      ...(edit.does === 'change' ? { fields: edit.differences } : {}),
      ...(message === undefined ? {} : { message }),
    })),
  counts: doneCounts(all),
})
