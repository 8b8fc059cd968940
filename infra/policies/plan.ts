/** What has to change so that Curfew's policies are those of the files. */
import { type Difference, differences } from '../../lib/core/canonical.ts'
import type { Policy } from '../../lib/core/model.ts'
import type { StoredPolicy } from './remote.ts'

export type Step =
  | { kind: 'create'; policy: Policy }
  | { kind: 'edit'; policy: Policy; version: number; fields: Difference[] }
  | { kind: 'same'; id: string }
  /** It is not in the files. */
  | { kind: 'extra'; id: string; version: number }

/** By id, first what the files hold, then what they do not. */
export function stepsTo(wanted: Policy[], stored: StoredPolicy[]): Step[] {
  const there = new Map(stored.map(one => [one.policy.id, one]))
  const ids = new Set(wanted.map(({ id }) => id))
  const inFiles = wanted
    .toSorted((a, b) => a.id.localeCompare(b.id))
    .map((policy): Step => {
      const before = there.get(policy.id)
      if (!before) return { kind: 'create', policy }
      const fields = differences(before.policy, policy)
      return fields.length === 0
        ? { kind: 'same', id: policy.id }
        : { kind: 'edit', policy, version: before.version, fields }
    })
  const extra = stored.filter(({ policy }) => !ids.has(policy.id))
  return [...inFiles, ...extra.map(({ policy: { id }, version }): Step => ({ kind: 'extra', id, version }))]
}

const LONGEST_VALUE = 60
const valueText = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
const fieldText = ({ path, before, after }: Difference): string =>
  `    ${path}: ${valueText(before)} → ${valueText(after)}`

function stepLines(step: Step, prune: boolean): string[] {
  switch (step.kind) {
    case 'create':
      return [
        `+ ${step.policy.id}`,
        `    ${step.policy.kind} of ${step.policy.connection}, ${step.policy.schedule.cron} ${step.policy.schedule.timeZone}`,
      ]
    case 'edit':
      return [`~ ${step.policy.id}`, ...step.fields.map(fieldText)]
    case 'same':
      return []
    case 'extra':
      return [prune ? `- ${step.id}` : `  ${step.id} is not in the files, and stays; --prune deletes it`]
  }
}

const count = (steps: Step[], kind: Step['kind']): number => steps.filter(step => step.kind === kind).length

/** The steps as a person reads them, and their numbers. `prune`: what is not in the files goes. */
export function shownSteps(steps: Step[], { prune }: { prune: boolean }): string {
  const numbers = [
    `${count(steps, 'create')} to create`,
    `${count(steps, 'edit')} to change`,
    `${prune ? count(steps, 'extra') : 0} to delete`,
    `${count(steps, 'same')} as in the files`,
  ]
  return [...steps.flatMap(step => stepLines(step, prune)), numbers.join(', ')].join('\n')
}
