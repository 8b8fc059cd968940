import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { alarms } from './alarm.ts'
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

/** The one alarm of a queue's figure. */
const alarmOf = (queue: string, metric: string) =>
  [...alarms(stack).values()].find(
    ({ Dimensions, MetricName }) => MetricName === metric && Dimensions?.[0]?.Value === queue,
  )

test('the queues are those of the line and one for their dead letters, no more', () => {
  expect([...queues().keys()]).toEqual([...QUEUED.map(name => idOf(name, 'Queue')), 'DeadLetters'])
})

test('the first dead letter of any queue rings', () => {
  const atLeast = { ComparisonOperator: 'GreaterThanOrEqualToThreshold', Statistic: 'Maximum', Period: 60 }
  const dead = alarmOf('DeadLetters', 'ApproximateNumberOfMessagesVisible')
  expect(dead).toMatchObject({ ...atLeast, Threshold: 1, EvaluationPeriods: 1 })
})

test('a message to notify that is a quarter of an hour old rings: of other old work notify itself tells', () => {
  const atLeast = { ComparisonOperator: 'GreaterThanOrEqualToThreshold', Statistic: 'Maximum', Period: 60 }
  const old = alarmOf('NotifyQueue', 'ApproximateAgeOfOldestMessage')
  expect(old).toMatchObject({ ...atLeast, Threshold: 900, EvaluationPeriods: 3 })
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
    expect(deadLetterTargetArn).toBe('DeadLetters')
    expect(maxReceiveCount).toBeGreaterThanOrEqual(3)
    const deadLetters = queues().get('DeadLetters')!
    expect(deadLetters.MessageRetentionPeriod).toBeGreaterThan(queue().MessageRetentionPeriod)
  })

  test('hides a message for six times as long as its function may take, and the wait for a batch more', () => {
    const { FunctionName, MaximumBatchingWindowInSeconds = 0 } = mappingOf(name)
    const { Timeout } = z.object({ Timeout: z.number() }).parse(stack.resources[FunctionName]?.Properties)
    const least = 6 * Timeout + MaximumBatchingWindowInSeconds
    expect(queue().VisibilityTimeout).toBeGreaterThanOrEqual(least)
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
})

test('chunks that are followed come together, so that they share the reads that verify their servers', () => {
  expect(mappingOf('follow')).toMatchObject({ BatchSize: 30, MaximumBatchingWindowInSeconds: 1 })
})
