import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ASSUMED } from '../../infra/aws/bill.ts'
import { MEASURES } from '../../lib/core/notify/metrics.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { alarms as alarmsOf } from './alarm.ts'
import { ofType, type Packaged, packaged } from './packaged.ts'

const ROOT = join(import.meta.dirname, '../..')
let stack: Packaged
beforeAll(async () => {
  stack = await packaged()
})
const alarms = () => [...alarmsOf(stack)]
const ours = () => alarms().flatMap(([, alarm]) => (alarm.Namespace === 'Curfew' ? [alarm] : []))

describe('every alarm', () => {
  test('tells the one topic, which CloudWatch may write to', () => {
    expect([...ofType(stack, 'AWS::SNS::Topic', z.unknown()).keys()]).toEqual(['AlarmTopic'])
    for (const [, { AlarmActions }] of alarms()) expect(AlarmActions).toEqual(['AlarmTopic'])
    const allowed = {
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
    }
    const statements = [expect.objectContaining(allowed), expect.objectContaining({ Effect: 'Deny' })]
    expect(stack.resources.AlarmTopicPolicy?.Properties).toMatchObject({
      Topics: [{ Ref: 'AlarmTopic' }],
      PolicyDocument: { Statement: statements },
    })
  })

  test('says what to do, in no more than CloudWatch keeps', () => {
    for (const [, { AlarmDescription }] of alarms()) {
      expect(AlarmDescription).toMatch(/ What to do: [a-zA-Z"]/)
      // What stands for names grows when they are put in.
      expect(AlarmDescription.length).toBeLessThan(1024 / 2)
    }
  })

  test('names requests that the API knows, and words that a log has', () => {
    const texts = alarms().map(([, { AlarmDescription }]) => AlarmDescription)
    const requests = texts.flatMap(text => text.match(/(GET|POST) \/v1\/[a-z/{}]+/g) ?? [])
    const known = ROUTES.map(({ method, path }) => `${method} ${path}`)
    expect(requests.length).toBeGreaterThan(8)
    for (const request of requests) expect(known).toContain(request)
    const quoted = texts.flatMap(text => [...text.matchAll(/"([a-z]+ [a-z ]+)"/g)].map(([, words]) => words!))
    expect(quoted.toSorted()).toEqual([
      'a due item cannot be dealt with',
      'message given up',
      'webhook given up',
    ])
    const code = ['tick/tick', 'notify/notify', 'notify/announce', 'notify/deliver']
      .map(name => readFileSync(join(ROOT, `lib/steps/${name}.ts`), 'utf8'))
      .join()
    for (const words of quoted) expect(code).toContain(`'${words}`)
  })

  test('is quiet where there is nothing to count, but for the timer, whose silence is the alarm', () => {
    const loud = alarms().filter(([, { TreatMissingData }]) => TreatMissingData !== 'notBreaching')
    expect(loud.map(([id]) => id)).toEqual(['TickSilentAlarm'])
  })
})

test('ticks that do not end well for three minutes ring, whether they fail or never begin', () => {
  const Silent = z.object({ Metrics: z.array(z.looseObject({ Id: z.string() })) })
  const properties = stack.resources.TickSilentAlarm?.Properties
  expect(properties).toMatchObject({
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    EvaluationPeriods: 3,
    TreatMissingData: 'breaching',
  })
  const of = (MetricName: string) => ({
    Metric: { MetricName, Dimensions: [{ Name: 'FunctionName', Value: { Ref: 'TickLambdaFunction' } }] },
    Period: 60,
    Stat: 'Sum',
  })
  expect(
    Object.fromEntries(Silent.parse(properties).Metrics.map(({ Id, ...one }) => [Id, one])),
  ).toMatchObject({
    well: { Expression: 'FILL(begun, 0) - FILL(failed, 0)' },
    begun: { ReturnData: false, MetricStat: of('Invocations') },
    failed: { ReturnData: false, MetricStat: of('Errors') },
  })
})

test('five answers 5xx within five minutes ring', () => {
  expect(Object.fromEntries(alarms()).HttpFailingAlarm).toMatchObject({
    Namespace: 'AWS/ApiGateway',
    MetricName: '5xx',
    Dimensions: [{ Name: 'ApiId', Value: 'HttpApi' }],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 5,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  })
})

describe('the figures that the functions tell', () => {
  const counted = {
    Statistic: 'Sum',
    Period: 60,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  }

  test.each([
    'RunsMissed',
    'RunsFailed',
    'RunsPartial',
    'RunsBlocked',
    'StartsFailed',
    'PoliciesMatchingNothing',
    'CredentialsRefused',
    'WebhooksGivenUp',
  ])('ring at the first of %s', metric => {
    const found = ours().filter(({ MetricName }) => MetricName === metric)
    expect(found).toMatchObject([{ ...counted, EvaluationPeriods: 1 }])
  })

  test('ring at what ticks cannot deal with when it happens again: once is made good by the next', () => {
    const found = ours().filter(({ MetricName }) => MetricName === 'DueItemsFailed')
    expect(found).toMatchObject([{ ...counted, EvaluationPeriods: 5, DatapointsToAlarm: 2 }])
  })

  test('are all that alarms wait for, where the functions tell them, of their own stack', () => {
    for (const { MetricName, Dimensions } of ours()) {
      expect(MEASURES).toContain(MetricName)
      expect(Dimensions).toEqual([{ Name: 'service', Value: 'AWS::StackName' }])
    }
    const Told = z.object({
      Environment: z.object({ Variables: z.object({ METRICS_NAMESPACE: z.string() }) }),
    })
    const functions = [...ofType(stack, 'AWS::Lambda::Function', Told).values()]
    const namespaces = functions.map(({ Environment }) => Environment.Variables.METRICS_NAMESPACE)
    expect(new Set(namespaces)).toEqual(new Set(['Curfew']))
  })

  test('have each an alarm, but for those that only measure', () => {
    const alarmed = new Set(ours().map(({ MetricName }) => MetricName))
    const measuring = [
      ...['Targets', 'Stopped', 'Failed', 'Unconfirmed', 'Started', 'NotStarted'],
      ...['TickLatenessMs', 'RunLatenessMs', 'VerifiedOffMs', 'VerifiedOnMs'],
    ]
    expect(MEASURES.filter(name => !alarmed.has(name))).toEqual(measuring)
  })

  test('are in the bill, and so are the alarms', () => {
    const Looks = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })) })
    const looksAt = (alarm: unknown): number =>
      Looks.safeParse(alarm).data?.Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1
    const paid = alarms().reduce((sum, [, alarm]) => sum + looksAt(alarm), 0)
    expect(ASSUMED).toMatchObject({ metrics: MEASURES.length, alarms: paid })
  })
})

describe('the dashboard', () => {
  const Body = z.object({ DashboardBody: z.object({ 'Fn::Sub': z.string() }) })
  const Widgets = z.object({
    widgets: z.array(z.object({ properties: z.object({ metrics: z.array(z.array(z.unknown())) }) })),
  })
  const body = () =>
    [...ofType(stack, 'AWS::CloudWatch::Dashboard', Body).values()][0]!.DashboardBody['Fn::Sub']

  /** `.` stands for what the metric before has in that place. */
  function shown(): string[] {
    return Widgets.parse(JSON.parse(body())).widgets.flatMap(({ properties: { metrics } }) => {
      let namespace: unknown
      return metrics.flatMap(([first, name]) => {
        namespace = first === '.' ? namespace : first
        return namespace === 'Curfew' ? [String(name)] : []
      })
    })
  }

  test('shows every figure that the functions tell, and none that they do not', () => {
    expect(shown().toSorted()).toEqual([...MEASURES].toSorted())
  })

  test('shows whatever has an alarm', () => {
    const watched = alarms().filter(([, { Namespace }]) => Namespace !== 'AWS/ApiGateway')
    for (const [, { MetricName }] of watched) if (MetricName) expect(body()).toContain(`"${MetricName}"`)
  })
})
