/** The page of the bench says of what can be counted what is counted. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { countedRates, monthSection } from '../../bench/cost.ts'
import { countsSection, PUBLISHED } from '../../bench/counted/counts.ts'

let page: string
beforeAll(async () => {
  page = await readFile(join(import.meta.dirname, '../../bench/README.md'), 'utf8')
})

/** However lines are wrapped. */
const unwrapped = (text: string): string => text.replace(/\s+/g, ' ').trim()

test('the counts of bench/README.md are what is counted', async () => {
  const { text } = await countsSection(PUBLISHED)
  for (const paragraph of text.split('\n\n')) expect(unwrapped(page)).toContain(unwrapped(paragraph))
})

/** Fleet, who and sum of each row of a table. */
const sums = (text: string): string[] =>
  [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \|.* (\*\*[\d.]+\*\*) \|$/gm)].map(cells =>
    cells.slice(1).join(' | '),
  )

test('its months on AWS are what the counted units cost', async () => {
  const { text } = monthSection(await countedRates())
  const shown = sums(page)
  expect(shown.length).toBeGreaterThan(12)
  expect(shown).toEqual(sums(text).filter(row => !row.includes(', 15 s')))
})
