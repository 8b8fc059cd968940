/** Edits of documents as a person reads them, and as a program does. */
import type { Difference } from '../../lib/core/documents/canonical.ts'
import type { FileEdit, MissingReference } from './edits.ts'
import type { Effect } from './preview.ts'

const MAX_VALUE_LENGTH = 60

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text
}

const fieldLine = ({ path, before, after }: Difference): string =>
  `    ${path}: ${valueText(before)} → ${valueText(after)}`

/** The fields that an edit changes, a line for each. */
export const fieldLines = (edit: FileEdit): string[] =>
  edit.does === 'change' ? edit.differences.map(fieldLine) : []

export const nameOf = ({ kind, id }: Pick<FileEdit, 'kind' | 'id'>): string => `${kind} ${id}`

export const refusalOf = (edit: FileEdit & { does: 'refuse' }): string =>
  `${nameOf(edit)}: it is managed by "${edit.owner}": apply it --as that owner, or take its managedBy away there first`

function effectLine(effect: Effect | undefined): string[] {
  if (effect === undefined) return []
  if ('reason' in effect) return [`    cannot be previewed: ${effect.reason}`]
  const { stops, adds, spares, notCounted = [] } = effect
  return [
    `    would stop ${stops} now: ${adds} more than it does, and spares ${spares}`,
    ...notCounted.map(id => `    not counted, for it could not be read: connection ${id}`),
  ]
}

function editLines(edit: FileEdit, effect: Effect | undefined): string[] {
  switch (edit.does) {
    case 'create':
      return [`+ ${nameOf(edit)}`, ...effectLine(effect)]
    case 'change':
      return [`~ ${nameOf(edit)}`, ...fieldLines(edit), ...effectLine(effect)]
    case 'keep':
      return []
    case 'refuse':
      return [`! ${refusalOf(edit)}`]
    case 'delete':
      return [`- ${nameOf(edit)}`, ...effectLine(effect)]
    case 'leave':
      return [`  ${nameOf(edit)} is not in the files, and stays; --prune deletes it`]
  }
}

const missingLine = ({ of, path, kind, id }: MissingReference): string =>
  `! ${nameOf(of)}: ${path}: there is no ${kind} ${id}, neither in the files nor there`

export function countOf(edits: FileEdit[], does: FileEdit['does']): number {
  return edits.filter(edit => edit.does === does).length
}

export interface Compared {
  edits: FileEdit[]
  missing: MissingReference[]
  effects: Map<string, Effect>
}

const effectFor = ({ effects }: Compared, { kind, id }: FileEdit): Effect | undefined =>
  kind === 'policy' ? effects.get(id) : undefined

/** What would change, and the numbers. */
export function diffLines(compared: Compared): string[] {
  const { edits, missing } = compared
  const numbers = [
    `${countOf(edits, 'create')} to create`,
    `${countOf(edits, 'change')} to change`,
    `${countOf(edits, 'delete')} to delete`,
    `${countOf(edits, 'keep')} as in the files`,
  ]
  return [
    ...edits.flatMap(edit => editLines(edit, effectFor(compared, edit))),
    ...missing.map(missingLine),
    numbers.join(', '),
  ]
}

/** The same for programs. */
export function diffJson(compared: Compared): object {
  const shown = compared.edits.map(edit => {
    const { kind, id, does } = edit
    const preview = effectFor(compared, edit)
    return {
      does,
      kind,
      id,
      ...(edit.does === 'change' ? { fields: edit.differences } : {}),
      ...(edit.does === 'refuse' ? { managedBy: edit.owner } : {}),
      ...(preview ? { preview } : {}),
    }
  })
  return { edits: shown, missing: compared.missing }
}
