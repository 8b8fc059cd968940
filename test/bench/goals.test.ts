import { expect, test } from 'vitest'
import { GOALS, goalsSection, isReached } from '../../bench/report/goals.ts'

const rowOf = (text: string, what: string): string[] => {
  const row = text.split('\n').find(line => line.startsWith(`| ${what} |`))
  return row!.split('|').map(cell => cell.trim())
}

test.each([
  [{ bound: { most: 1.05 } }, 1.05, true],
  [{ bound: { most: 1.05 } }, 1.051, false],
  [{ bound: { least: 100 } }, 100, true],
  [{ bound: { least: 100 } }, 99.9, false],
  [{ bound: { most: 1 } }, Number.NaN, false],
  [{ bound: { least: 1 } }, Number.NaN, false],
])('%j with %d is reached: %s', (goal, value, reached) => {
  expect(isReached(goal, value)).toBe(reached)
})

test('each goal stands with its figure of the run, or says that there is none', () => {
  const figures = { wall: { value: 1.5, at: '10 servers' }, cpu: { value: 0.5 } }
  const { text, command } = goalsSection(figures, 'npm run bench')
  expect(command).toBe('npm run bench')
  expect(text.split('\n')).toHaveLength(2 + Object.keys(GOALS).length)
  expect(rowOf(text, GOALS.wall.what).slice(2, 5)).toEqual(['≤ 1.05 ×', '1.50 × (10 servers)', '**no**'])
  expect(rowOf(text, GOALS.cpu.what).slice(2, 5)).toEqual(['≤ 1.60 ×', '0.50 ×', 'yes'])
  expect(rowOf(text, GOALS.dueTimes.what).slice(2, 5)).toEqual(['≥ 100 ×', '–', 'not measured in this run'])
})
