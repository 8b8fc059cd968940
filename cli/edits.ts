/** What has to change so that Curfew's policies are those of the files. */
import { type Difference, fieldDifferences } from '../lib/core/documents/canonical.ts'
import type { Policy } from '../lib/core/model/model.ts'
import type { RemotePolicy } from './remote.ts'

export type Edit =
  | { kind: 'create'; policy: Policy }
  | { kind: 'edit'; policy: Policy; version: number; fields: Difference[] }
  | { kind: 'same'; id: string }
  /** It is not in the files. */
  | { kind: 'extra'; id: string; version: number }

/** By id, first what the files hold, then what they do not. */
export function editsTo(wanted: Policy[], stored: RemotePolicy[]): Edit[] {
  const there = new Map(stored.map(one => [one.policy.id, one]))
  const ids = new Set(wanted.map(({ id }) => id))
  const inFiles = wanted
    .toSorted((a, b) => a.id.localeCompare(b.id))
    .map((policy): Edit => {
      const before = there.get(policy.id)
      if (!before) return { kind: 'create', policy }
      const fields = fieldDifferences(before.policy, policy)
      return fields.length === 0
        ? { kind: 'same', id: policy.id }
        : { kind: 'edit', policy, version: before.version, fields }
    })
  const extra = stored.filter(({ policy }) => !ids.has(policy.id))
  return [...inFiles, ...extra.map(({ policy: { id }, version }): Edit => ({ kind: 'extra', id, version }))]
}

const MAX_VALUE_LENGTH = 60
const valueText = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text
}
const fieldText = ({ path, before, after }: Difference): string =>
  `    ${path}: ${valueText(before)} → ${valueText(after)}`

interface Pruning {
  /** What is not in the files goes. */
  prune: boolean
}

function editLines(edit: Edit, { prune }: Pruning): string[] {
  switch (edit.kind) {
    case 'create':
      return [
        `+ ${edit.policy.id}`,
        `    ${edit.policy.kind} of ${edit.policy.connection}, ${edit.policy.schedule.cron} ${edit.policy.schedule.timeZone}`,
      ]
    case 'edit':
      return [`~ ${edit.policy.id}`, ...edit.fields.map(fieldText)]
    case 'same':
      return []
    case 'extra':
      return [prune ? `- ${edit.id}` : `  ${edit.id} is not in the files, and stays; --prune deletes it`]
  }
}

const count = (edits: Edit[], kind: Edit['kind']): number => edits.filter(edit => edit.kind === kind).length

/** The edits as a person reads them, and their numbers. */
export function shownEdits(edits: Edit[], pruning: Pruning): string {
  const numbers = [
    `${count(edits, 'create')} to create`,
    `${count(edits, 'edit')} to change`,
    `${pruning.prune ? count(edits, 'extra') : 0} to delete`,
    `${count(edits, 'same')} as in the files`,
  ]
  return [...edits.flatMap(edit => editLines(edit, pruning)), numbers.join(', ')].join('\n')
}
