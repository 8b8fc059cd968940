/** `bench/plot.svg`: what was measured in a run over the size of the fleet, and what a month of it costs. */
import { writeFileSync } from 'node:fs'
import { middle, type Row } from './contest/contest.ts'
import { countedRates, monthly } from './cost.ts'
import { type Panel, plot } from './report/plot.ts'

const PLOT = 'bench/plot.svg'

export async function drawPlot(measured: Row[]): Promise<void> {
  if (measured.length === 0) return
  const names = [...new Set(measured.map(({ name }) => name))]
  const panel = (title: string, of: (row: Row) => number): Panel => ({
    title,
    lines: names.map(name => ({
      name,
      points: measured
        .filter(row => row.name === name)
        .map(row => ({ servers: row.servers, value: of(row) })),
    })),
  })
  const found = await countedRates()
  const sizes = [...new Set(measured.map(({ servers }) => servers))]
  const bill = sizes.map(servers => ({
    servers,
    value: monthly(found, { servers, policies: Math.max(10, servers / 1000) }),
  }))
  const panels = [
    panel('CPU seconds', row => middle(row, ({ cpuMs }) => cpuMs / 1000)),
    panel('peak memory, MB', row => middle(row, ({ rssMb }) => rssMb)),
    { title: 'a month of nights on AWS, $', lines: [{ name: 'curfew', points: bill }] },
  ]
  writeFileSync(PLOT, plot(panels))
}
