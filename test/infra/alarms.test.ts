import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { ASSUMED, FIGURES } from '../../infra/aws/bill.ts'
import { ALARM_NAMES, type Alarm } from '../../lib/core/notify/alarm.ts'
import { ALARM_RINGS, alarmEvent, EVENT_SOURCE, RUN_ENDED, runEnded } from '../../lib/core/notify/events.ts'
import { MEASURES } from '../../lib/core/notify/metrics.ts'
import { ROUTES } from '../../lib/http/routes.ts'
import { aRun, at, START } from '../makers.ts'
import { alarms as alarmsOf } from './alarm.ts'
import { ofType, type Packaged, packaged } from './packaged.ts'
import { isMatched, rules, textOf, told } from './rule.ts'

const ROOT = join(import.meta.dirname, '../..')
let stack: Packaged
beforeAll(async () => {
  stack = await packaged()
})
const alarms = () => [...alarmsOf(stack)]
const texts = () => [
  ...alarms().map(([, { AlarmDescription }]) => AlarmDescription),
  ...[...rules(stack).values()].map(textOf),
]

/** What has always rung, and what rings for it: an alarm on a metric of AWS's own, or a rule on the event bus. */
const RINGING = {
  'ticks that are silent': 'TickSilentAlarm',
  'a due item that fails twice': 'DueItemFailedRule',
  'a run that is missed': 'RunMissedRule',
  'a stop that failed': 'RunFailedRule',
  'a stop that is partial': 'RunPartialRule',
  'a run that is blocked': 'RunBlockedRule',
  'a start that fell short': 'StartFailedRule',
  'a policy that matches nothing': 'NothingMatchedRule',
  'a key that is refused': 'CredentialsRefusedRule',
  'a webhook or message that is given up': 'WebhookGivenUpRule',
  'a dead letter of plan, stop, follow or notify': 'DeadLettersAlarm',
  'old work of plan, stop or follow': 'WorkOverdueRule',
  'old work of notify': 'NotifyQueueOldAlarm',
  'answers 5xx': 'HttpFailingAlarm',
}

test.each(Object.entries(RINGING))('%s: rung by %s', (_, id) => {
  const types = { Alarm: 'AWS::CloudWatch::Alarm', Rule: 'AWS::Events::Rule' }
  expect(stack.resources[id]?.Type).toBe(types[id.endsWith('Rule') ? 'Rule' : 'Alarm'])
})

test('nothing else rings', () => {
  const ids = [...alarms().map(([id]) => id), ...rules(stack).keys()]
  expect(ids.toSorted()).toEqual(Object.values(RINGING).toSorted())
})

describe('every alarm', () => {
  test('tells the one topic, which CloudWatch may write to, and the rules by their role', () => {
    expect([...ofType(stack, 'AWS::SNS::Topic', z.unknown()).keys()]).toEqual(['AlarmTopic'])
    for (const [, { AlarmActions }] of alarms()) expect(AlarmActions).toEqual(['AlarmTopic'])
    for (const { Targets } of rules(stack).values())
      expect(Targets).toMatchObject([{ Arn: 'AlarmTopic', RoleArn: 'AlarmRole' }])
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
    for (const text of texts()) {
      expect(text).toMatch(/ What to do: [a-zA-Z']/)
      // What stands for names grows when they are put in.
      expect(text.length).toBeLessThan(1024 / 2 + 100)
    }
  })

  test('names requests that the API knows, and words that a log has', () => {
    const requests = texts().flatMap(text => text.match(/(GET|POST) \/v1\/[a-z/{}]+/g) ?? [])
    const known = ROUTES.map(({ method, path }) => `${method} ${path}`)
    expect(requests.length).toBeGreaterThan(8)
    for (const request of requests) expect(known).toContain(request)
    const quoted = texts().flatMap(text =>
      [...text.matchAll(/(?<![a-z])'([a-z]+ [a-z ]+)'/g)].map(([, words]) => words!),
    )
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

  test('looks at metrics that AWS makes for nothing, and at as many as the bill says', () => {
    const Looks = z.object({
      Namespace: z.string().optional(),
      Metrics: z
        .array(z.object({ MetricStat: z.object({ Metric: z.object({ Namespace: z.string() }) }).optional() }))
        .optional(),
    })
    const looked = alarms().flatMap(([, alarm]) => {
      const { Namespace, Metrics = [] } = Looks.parse(alarm)
      return [Namespace, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric.Namespace)].filter(Boolean)
    })
    for (const namespace of looked) expect(namespace).toMatch(/^AWS\//)
    expect(ASSUMED.alarms).toBe(looked.length)
  })
})

describe('the rules', () => {
  const SERVICE = { service: '<AWS::StackName>', ringsAt: at(START) }
  const eventOf = (alarm: Alarm, service = SERVICE.service) => ({
    source: EVENT_SOURCE,
    'detail-type': ALARM_RINGS,
    detail: alarmEvent(alarm, { ...SERVICE, service }),
  })
  const matched = (alarm: Alarm, service?: string) =>
    [...rules(stack)].filter(([, rule]) => isMatched(rule, eventOf(alarm, service)))

  test.each(ALARM_NAMES)('tell of %s once, with what it is about and why', name => {
    const reason = 'the cloud said "no"\nand \\ more'
    const alarm = { name, about: 'run nightly-dev.20261120T120000Z', reason }
    const found = matched(alarm)
    expect(found.map(([id]) => id)).toEqual([`${name}Rule`])
    const text = told(found[0]![1], eventOf(alarm))
    expect(text).toContain(": run nightly-dev.20261120T120000Z: the cloud said 'no' and more. What to do: ")
    expect(text).not.toMatch(/<(about|reason)>/)
  })

  test('tell of no other stack, and of no other event', () => {
    const alarm: Alarm = { name: 'RunFailed', about: 'run x', reason: '' }
    expect(matched(alarm, 'curfew-other')).toEqual([])
    const detail = runEnded(aRun({ status: 'failed', reason: 'no', endedAt: at(START) }), SERVICE.service)
    const ended = { source: EVENT_SOURCE, 'detail-type': RUN_ENDED, detail }
    expect([...rules(stack).values()].filter(rule => isMatched(rule, ended))).toEqual([])
  })

  test('are on the bus that the functions publish to', () => {
    for (const { EventBusName } of rules(stack).values()) expect(EventBusName).toBe('default')
  })
})

test('ticks that do not end well for three minutes ring, whether they fail or never begin', () => {
  const Silent = z.object({ Metrics: z.array(z.looseObject({ Id: z.string() })) })
  const properties = stack.resources.TickSilentAlarm?.Properties
  expect(properties).toMatchObject({
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 3,
    TreatMissingData: 'breaching',
  })
  const Dimensions = [{ Name: 'FunctionName', Value: { Ref: 'TickLambdaFunction' } }]
  expect(
    Object.fromEntries(Silent.parse(properties).Metrics.map(({ Id, ...one }) => [Id, one])),
  ).toMatchObject({
    bad: { Expression: 'FILL(failed, 1)' },
    failed: {
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions },
        Period: 60,
        Stat: 'Minimum',
      },
    },
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

describe('figures of our own', () => {
  test('and the dashboard that shows them are made where a parameter says so, and in the bill', () => {
    const Told = z.object({
      Environment: z.object({ Variables: z.object({ METRICS_NAMESPACE: z.unknown() }) }),
    })
    for (const { Environment } of ofType(stack, 'AWS::Lambda::Function', Told).values())
      expect(Environment.Variables.METRICS_NAMESPACE).toEqual({ 'Fn::If': ['HasFigures', 'Curfew', ''] })
    expect(stack.resources.Dashboard).toMatchObject({ Condition: 'HasFigures' })
    expect(stack.parameters.Figures?.Default).toBe('false')
    const dashboards = ofType(stack, 'AWS::CloudWatch::Dashboard', z.unknown()).size
    expect(FIGURES).toEqual({ metrics: MEASURES.length, dashboards })
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

  test('shows whatever of the queues and functions has an alarm', () => {
    const watched = alarms().filter(([, { Namespace }]) => Namespace !== 'AWS/ApiGateway')
    for (const [, { MetricName }] of watched) if (MetricName) expect(body()).toContain(`"${MetricName}"`)
  })
})
