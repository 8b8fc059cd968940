import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MEASURES } from '../../lib/core/measures.ts'

const INFRA = join(import.meta.dirname, '../../infra')
const text = (name: string) => readFile(join(INFRA, name), 'utf8')
const names = (found: Iterable<RegExpMatchArray>) => new Set([...found].map(([, name]) => name!))

test('the dashboard shows every figure that the functions tell, and none that they do not', async () => {
  const dashboard = await text('dashboard.yml')
  const widgets = dashboard.split('{"type"').filter(widget => widget.includes('"Curfew"'))
  const shown = names(widgets.join().matchAll(/\["(?:Curfew|\.)", "(\w+)"/g))
  expect(shown).toEqual(new Set(MEASURES))
})

test('every alarm of a figure is of one that the functions tell', async () => {
  const alarmed = names((await text('alarms-runs.yml')).matchAll(/MetricName: (\w+)/g))
  expect(alarmed.size).toBe(6)
  for (const name of alarmed) expect(MEASURES).toContain(name)
})
