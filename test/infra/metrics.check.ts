/** The page of metrics of a real start, read by a parser that others wrote: that of Prometheus's own client for Python. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { aFolder } from '../local/children.ts'
import { started } from '../local/started.ts'

const PYTHON = process.env.METRICS_PYTHON ?? '.build/moto/bin/python'
const PARSE = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
families = list(parse(sys.argv[1]))
print(json.dumps({family.name: [family.type, len(family.samples)] for family in families}))
`

test('a parser of OpenMetrics reads the page of a start, every family of it', async () => {
  if (!existsSync(PYTHON))
    throw new Error(`expected a Python with prometheus-client at ${PYTHON}, or named in METRICS_PYTHON`)
  const args = ['--no-simulator', '--no-token', '--port', '0', '--data', await aFolder()]
  const [, url = ''] = /HTTP +(http:\S+)/.exec(await started(args).said(/Ticking each minute/)) ?? []
  const page = await fetch(`${url}/metrics`)
  expect(page.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  const text = await page.text()
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', PARSE, text])
  const families: Record<string, [string, number]> = JSON.parse(stdout)
  expect(Object.keys(families)).toHaveLength([...text.matchAll(/^# TYPE /gm)].length)
  expect(families).toMatchObject({
    curfew_runs: ['counter', 12],
    curfew_tick_lateness_seconds: ['histogram', 10],
    curfew_oldest_due_seconds: ['gauge', 1],
  })
})
