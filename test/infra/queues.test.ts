import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { idOf, Named, ofType, type Packaged, packaged, QUEUED } from './packaged.ts'

let stack: Packaged
beforeAll(async () => {
  stack = await packaged()
})

const Queue = z.object({
  VisibilityTimeout: z.number().optional(),
  MessageRetentionPeriod: z.number(),
  SqsManagedSseEnabled: z.boolean(),
  RedrivePolicy: z.object({ deadLetterTargetArn: Named, maxReceiveCount: z.number().optional() }).optional(),
})
const queues = () => ofType(stack, 'AWS::SQS::Queue', Queue)

const Mapping = z.object({
  EventSourceArn: Named,
  FunctionName: Named,
  BatchSize: z.number(),
  MaximumBatchingWindowInSeconds: z.number().optional(),
  FunctionResponseTypes: z.array(z.string()).optional(),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
})
const mappingOf = (name: string) =>
  [...ofType(stack, 'AWS::Lambda::EventSourceMapping', Mapping).values()].find(
    ({ EventSourceArn }) => EventSourceArn === idOf(name, 'Queue'),
  )!

const Alarm = z.object({
  AlarmDescription: z.object({ 'Fn::Sub': z.string() }).transform(text => text['Fn::Sub']),
  AlarmActions: z.array(Named),
  MetricName: z.string().optional(),
  Namespace: z.string().optional(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: Named })).optional(),
})
const alarms = () => ofType(stack, 'AWS::CloudWatch::Alarm', Alarm)
const alarmOf = (queue: string, metric: string) =>
  [...alarms().values()].find(
    ({ Dimensions, MetricName }) => MetricName === metric && Dimensions?.[0]?.Value === queue,
  )

test('the queues are those of the line and their dead letters, no more', () => {
  const all = QUEUED.flatMap(name => [idOf(name, 'Queue'), idOf(name, 'DeadLetters')])
  expect([...queues().keys()]).toEqual(all)
})

test('every queue is encrypted, and refuses whoever does not use TLS', () => {
  for (const queue of queues().values()) expect(queue.SqsManagedSseEnabled).toBe(true)
  const Policy = z.object({
    Queues: z.array(Named),
    PolicyDocument: z.object({ Statement: z.array(z.unknown()) }),
  })
  const { TlsOnly } = Object.fromEntries(ofType(stack, 'AWS::SQS::QueuePolicy', Policy))
  expect(TlsOnly?.Queues.toSorted()).toEqual([...queues().keys()].sort())
  const denied = {
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  }
  expect(TlsOnly?.PolicyDocument.Statement).toMatchObject([denied])
})

describe.each(QUEUED)('the queue of %s', name => {
  const queue = () => queues().get(idOf(name, 'Queue'))!

  test('has dead letters, after a number of tries, which stay longer than what they come from', () => {
    const { deadLetterTargetArn, maxReceiveCount } = queue().RedrivePolicy!
    expect(deadLetterTargetArn).toBe(idOf(name, 'DeadLetters'))
    expect(maxReceiveCount).toBeGreaterThanOrEqual(3)
    const deadLetters = queues().get(idOf(name, 'DeadLetters'))!
    expect(deadLetters.MessageRetentionPeriod).toBeGreaterThan(queue().MessageRetentionPeriod)
  })

  test('hides a message for six times as long as its function may take, and a batch more', () => {
    const { Timeout } = z
      .object({ Timeout: z.number() })
      .parse(stack.resources[mappingOf(name).FunctionName]?.Properties)
    expect(queue().VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout)
  })

  test('feeds its function, which answers for each message alone', () => {
    const { FunctionName, FunctionResponseTypes, ScalingConfig } = mappingOf(name)
    expect(FunctionName).toBe(idOf(name, 'LambdaFunction'))
    expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
    expect(ScalingConfig?.MaximumConcurrency).toBeGreaterThanOrEqual(2)
  })

  test('may be written to by the function it feeds, more than the 16 times that Lambda allows by default', () => {
    expect(stack.resources[idOf(name, 'LambdaFunction')]?.Properties).toMatchObject({
      RecursiveLoop: 'Allow',
    })
  })

  test('has an alarm at its first dead letter, and one when its oldest message is a quarter of an hour old', () => {
    expect(alarmOf(idOf(name, 'DeadLetters'), 'ApproximateNumberOfMessagesVisible')?.Threshold).toBe(1)
    expect(alarmOf(idOf(name, 'Queue'), 'ApproximateAgeOfOldestMessage')?.Threshold).toBe(900)
  })
})

test('chunks that are followed come together, so that they share the reads that verify their servers', () => {
  expect(mappingOf('follow')).toMatchObject({ BatchSize: 100, MaximumBatchingWindowInSeconds: 1 })
})

describe('every alarm', () => {
  test('tells the one topic', () => {
    expect(ofType(stack, 'AWS::SNS::Topic', z.unknown()).size).toBe(1)
    for (const { AlarmActions } of alarms().values()) expect(AlarmActions).toEqual(['AlarmTopic'])
  })

  test('says what to do, in no more than CloudWatch keeps', () => {
    for (const { AlarmDescription } of alarms().values()) {
      expect(AlarmDescription).toMatch(/ What to do: [a-zA-Z]/)
      // What stands for names grows when they are put in.
      expect(AlarmDescription.length).toBeLessThan(1024 / 2)
    }
  })

  test('is quiet where there is nothing to count, but for the timer, whose silence is the alarm', () => {
    const loud = [...alarms()].filter(([, { TreatMissingData }]) => TreatMissingData !== 'notBreaching')
    expect(loud.map(([id]) => id)).toEqual(['TickSilentAlarm'])
  })

  test.each([
    'RunsMissed',
    'RunsFailed',
    'RunsPartial',
    'RunsBlocked',
    'PoliciesMatchingNothing',
    'CredentialsRefused',
  ])('of %s rings at the first, for its own stack', metric => {
    const found = [...alarms().values()].filter(({ MetricName }) => MetricName === metric)
    const dimension = { Name: 'service', Value: 'AWS::StackName' }
    expect(found).toMatchObject([{ Namespace: 'Curfew', Threshold: 1, Dimensions: [dimension] }])
  })
})

test('the dashboard shows every figure that has an alarm', () => {
  const Body = z.object({ DashboardBody: z.object({ 'Fn::Sub': z.string() }) })
  const { Dashboard } = Object.fromEntries(ofType(stack, 'AWS::CloudWatch::Dashboard', Body))
  const body = Dashboard!.DashboardBody['Fn::Sub']
  expect(z.object({ widgets: z.array(z.unknown()) }).parse(JSON.parse(body)).widgets.length).toBeGreaterThan(
    5,
  )
  const watched = [...alarms().values()].filter(({ Namespace }) => Namespace !== 'AWS/ApiGateway')
  for (const { MetricName } of watched) if (MetricName) expect(body).toContain(`"${MetricName}"`)
})
