import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { createMetrics, type EmitMetrics } from '../../lib/runtime/metrics.ts'
import { START } from '../makers.ts'

function told(namespace: string | undefined, tell: (measure: EmitMetrics) => void): unknown[] {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  tell(createMetrics({ service: 'curfew-dev', namespace, now: () => START, write }))
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
    const [line, ...others] = told('Curfew', measure => measure(figures, { run: 'r' }))
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
    expect(
      told('Curfew', measure => measure({ VerifiedOffMs: [], RunLatenessMs: [] }, { run: 'r' })),
    ).toEqual([])
  })

  test('cannot be overwritten by what they are of', () => {
    const [line] = told('Curfew', measure => measure({ Targets: 4 }, { Targets: 9, service: 'x' }))
    expect(line).toMatchObject({ Targets: 4, service: 'curfew-dev' })
  })

  test('are told nowhere where no namespace is given', () => {
    expect(told(undefined, measure => measure({ Targets: 4 }))).toEqual([])
  })
})
