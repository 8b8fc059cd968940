/** `bench/plot.svg`: what was measured in a run over the size of the fleet, and what a month of it costs. */
import { writeFileSync } from 'node:fs'
import { FLEETS } from '../infra/aws/bill.ts'
import { middle, type Row } from './contest/contest.ts'
import { countedRates, instanceScheduler, monthly, sum } from './cost.ts'
import { type Line, type Panel, plot } from './report/plot.ts'

const PLOT = 'bench/plot.svg'
/** What tells how close a limit may come, but is nobody's pick. */
const LEFT_OUT = ['limit-stream', 'limit-marker']

async function bills(): Promise<Line[]> {
  const found = await countedRates()
  const fleets = FLEETS.flatMap(([, fleet]) => (fleet.servers > 0 ? fleet : []))
  const line = (name: string, of: (fleet: (typeof fleets)[number]) => number): Line => ({
    name,
    points: fleets.map(fleet => ({ servers: fleet.servers, value: of(fleet) })),
  })
  return [
    line('curfew', fleet => monthly(found, fleet)),
    line('instance-scheduler', fleet => sum(instanceScheduler(fleet, 5))),
  ]
}

export async function drawPlot(measured: Row[]): Promise<void> {
  if (measured.length === 0) return
  const rows = measured.filter(({ name }) => !LEFT_OUT.includes(name))
  const panel = (title: string, of: (row: Row) => number): Panel => ({
    title,
    lines: [...Map.groupBy(rows, ({ name }) => name)].map(([name, all]) => ({
      name,
      points: all.map(row => ({ servers: row.servers, value: of(row) })),
    })),
  })
  const panels = [
    panel('CPU seconds', row => middle(row, ({ cpuMs }) => cpuMs / 1000)),
    panel('peak memory of a process, MB', row => middle(row, ({ rssMb }) => rssMb)),
    { title: 'a month of nights on AWS, $', lines: await bills() },
  ]
  writeFileSync(PLOT, plot(panels))
}
