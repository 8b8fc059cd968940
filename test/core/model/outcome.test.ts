import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OUTCOME_CODES, OutcomeCode, OutcomeStatus } from '../../../lib/core/model/outcome.ts'
import { RunStatus } from '../../../lib/core/model/run.ts'

const page = readFileSync('docs/outcomes.md', 'utf8')

/** The rows of the page's tables, each a list of cells; the one with many columns is that of codes. */
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim()),
  )
const words = (cell: string): string[] => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, word]) => word!)

test('docs/outcomes.md lists every code, with the statuses it comes with, and no other', () => {
  const listed = rows
    .filter(cells => cells.length === 4)
    .map(([code, statuses]) => [words(code!)[0], statuses!.split(', ')])
  expect(Object.fromEntries(listed)).toEqual(OUTCOME_CODES)
  expect(listed).toHaveLength(OutcomeCode.options.length)
})

test('docs/outcomes.md says of each what it means and what to do', () => {
  const empty = rows.filter(cells => cells.some(cell => cell === ''))
  expect(empty).toEqual([])
})

test('docs/outcomes.md explains every status of an outcome and of a run', () => {
  const explained = rows.filter(cells => cells.length < 4).flatMap(([first]) => words(first!))
  expect(new Set(explained)).toEqual(new Set([...OutcomeStatus.options, ...RunStatus.options]))
})

test('every code is one that a decision gives', () => {
  const decisions = globSync('lib/core/**/*.ts')
    .filter(path => !path.endsWith('outcome.ts'))
    .map(path => readFileSync(path, 'utf8'))
    .join('\n')
  const unused = OutcomeCode.options.filter(
    code => !new RegExp(`'${code}'|^\\s+${code}: '`, 'm').test(decisions),
  )
  expect(unused).toEqual([])
})
