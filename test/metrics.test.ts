import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { LogLevel } from '../lib/log.ts'
import { createMetrics, type Measure } from '../lib/metrics.ts'
import { START } from './makers.ts'

function told(level: LogLevel, tell: (measure: Measure) => void): unknown[] {
  const lines: string[] = []
  tell(createMetrics({ service: 'curfew-dev', level, now: () => START, write: line => lines.push(line) }))
  return lines.map(line => JSON.parse(line))
}

/** What CloudWatch reads a line by (user guide, "Specification: Embedded metric format"). */
const Line = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.int(),
    CloudWatchMetrics: z.tuple([
      z.strictObject({
        Namespace: z.string().regex(/^[\w./#:-]{1,255}$/),
        Dimensions: z.array(z.array(z.string()).max(30)),
        Metrics: z
          .array(z.strictObject({ Name: z.string(), Unit: z.enum(['Count', 'Milliseconds']) }))
          .max(100),
      }),
    ]),
  }),
})

describe('figures', () => {
  test('are one line in the form that CloudWatch makes metrics of, with what they are of beside them', () => {
    const figures = { RunsPartial: 1, Targets: 4, VerifiedOffMs: [15_000, 30_000] }
    const [line, ...others] = told('info', measure => measure(figures, { run: 'r' }))
    expect(others).toEqual([])
    expect(Line.parse(line)).toEqual({
      run: 'r',
      RunsPartial: 1,
      Targets: 4,
      VerifiedOffMs: [15_000, 30_000],
      service: 'curfew-dev',
      _aws: {
        Timestamp: START,
        CloudWatchMetrics: [
          {
            Namespace: 'Curfew',
            Dimensions: [['service']],
            Metrics: [
              { Name: 'RunsPartial', Unit: 'Count' },
              { Name: 'Targets', Unit: 'Count' },
              { Name: 'VerifiedOffMs', Unit: 'Milliseconds' },
            ],
          },
        ],
      },
    })
  })

  test('that are none make no line', () => {
    expect(told('info', measure => measure({ VerifiedOffMs: [], RunLatenessMs: [] }, { run: 'r' }))).toEqual(
      [],
    )
  })

  test('cannot be overwritten by what they are of', () => {
    const [line] = told('info', measure => measure({ Targets: 4 }, { Targets: 9, service: 'x' }))
    expect(line).toMatchObject({ Targets: 4, service: 'curfew-dev' })
  })

  test.each<[LogLevel, number]>([
    ['debug', 1],
    ['info', 1],
    ['warn', 0],
    ['error', 0],
    ['silent', 0],
  ])('are log lines of level info: at %s there are %i', (level, count) => {
    expect(told(level, measure => measure({ Targets: 4 }))).toHaveLength(count)
  })
})
