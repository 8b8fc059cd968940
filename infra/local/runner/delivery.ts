/** Delivers the messages of one queue to its step. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message as Received,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda'
import * as z from 'zod'
import { LOCAL_AWS } from '../emulators/local-aws.ts'
import { ownClient } from '../emulators/own-clients.ts'
import type { Queues } from '../emulators/queues.ts'
import type { FunctionName, FunctionSettings, QueuedStep } from '../templates.ts'
import { type Handlers, lambdaContext, type Trouble } from './lambda.ts'

/** A message on its way from a queue to its step. */
export interface Message {
  step: QueuedStep
  record: SQSRecord
}

interface DeliveryOptions {
  handlers: Handlers
  queues: Pick<Queues, 'endpoint' | 'urls'>
  settings: Record<FunctionName, FunctionSettings>
  /** What becomes of messages on their way: repeat one and it comes twice, leave it out and it is lost. */
  deliver: (messages: Message[]) => Message[]
  /** After how long a failed message can be received again; `null` as on AWS: when its queue's visibility ends. */
  retrySeconds: number | null
  trouble: Trouble
}

export interface Delivery {
  /** Up to `most` messages of a queue. */
  receive(step: QueuedStep, wish: Wish): Promise<Message[]>
  /** Has messages worked on, batch after batch, as far as they are delivered; returns how many were. */
  work(messages: Message[]): Promise<number>
  close(): void
}

/** SQS's most for a receive and for each of its batch calls. */
const MAX_PER_CALL = 10

/** What Lambda does between a queue and a function: receive, call, delete what was done, give back what was not. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const client = new SQSClient(ownClient(options.queues.endpoint))
  return {
    receive: (step, wish) => receive(client, { step, url: options.queues.urls[step] }, wish),
    work: async messages => {
      const delivered = options.deliver(messages)
      const lost = messages.filter(message => !delivered.includes(message))
      for (const batch of batches(lost, () => MAX_PER_CALL)) await remove(client, options, batch)
      for (const batch of batches(delivered, step => options.settings[step].batchSize))
        await workOne(client, options, batch)
      return delivered.length
    },
    close: () => client.destroy(),
  }
}

interface Wish {
  most: number
  /** How long to wait for the first. */
  waitSeconds: number
  /** How long to wait for others, once the first is there and the rest of what is there is not enough. */
  windowSeconds: number
}

async function receive(
  client: SQSClient,
  queue: { step: QueuedStep; url: string },
  { most, waitSeconds, windowSeconds }: Wish,
): Promise<Message[]> {
  const messages = await receiveNow(client, queue, { most, waitSeconds })
  if (messages.length === 0 || messages.length === most || windowSeconds === 0) return messages
  await sleep(windowSeconds * 1000)
  const others = await receiveNow(client, queue, { most: most - messages.length, waitSeconds: 0 })
  return [...messages, ...others]
}

async function receiveNow(
  client: SQSClient,
  { step, url }: { step: QueuedStep; url: string },
  { most, waitSeconds }: Omit<Wish, 'windowSeconds'>,
): Promise<Message[]> {
  const messages: Message[] = []
  while (messages.length < most) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(MAX_PER_CALL, most - messages.length),
        WaitTimeSeconds: messages.length === 0 ? waitSeconds : 0,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    )
    if (Messages.length === 0) break
    messages.push(...Messages.map(message => ({ step, record: sqsRecord(step, message) })))
  }
  return messages
}

/** The record of an SQS event (AWS Lambda developer guide, "Using Lambda with Amazon SQS"). */
function sqsRecord(step: QueuedStep, message: Received): SQSRecord {
  const attributes = message.Attributes ?? {}
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: attributes.SentTimestamp ?? '0',
      SenderId: attributes.SenderId ?? '000000000000',
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '0',
    },
    messageAttributes: recordAttributes(message),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${LOCAL_AWS.region}:000000000000:${step}`,
    awsRegion: LOCAL_AWS.region,
  }
}

function recordAttributes({ MessageAttributes = {} }: Received): SQSMessageAttributes {
  const entries = Object.entries(MessageAttributes).map(([name, { DataType = 'String', StringValue }]) => {
    return [name, { dataType: DataType, stringValue: StringValue ?? '' }] as const
  })
  return Object.fromEntries(entries)
}

/** Neighbours of one queue together, as many as its step takes; a message that comes twice, each time in another. */
function batches(messages: Message[], size: (step: QueuedStep) => number): Message[][] {
  const made: Message[][] = []
  for (const message of messages) {
    const last = made.at(-1)
    const fits =
      last?.[0]?.step === message.step &&
      last.length < size(message.step) &&
      last.every(({ record }) => record.messageId !== message.record.messageId)
    if (fits) last.push(message)
    else made.push([message])
  }
  return made
}

async function workOne(client: SQSClient, options: DeliveryOptions, batch: Message[]): Promise<void> {
  const failed = await failures(options, batch)
  await remove(
    client,
    options,
    batch.filter(({ record }) => !failed.has(record.messageId)),
  )
  await giveBack(
    client,
    options,
    batch.filter(({ record }) => failed.has(record.messageId)),
  )
}

const Answer = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish(),
})

/**
 * Ids of the messages that a function did not do. As Lambda takes it: all of them when it threw, or when its answer
 * is of another form or names a message that was not there; none when it answered nothing.
 */
async function failures(
  { handlers, settings, trouble }: DeliveryOptions,
  batch: Message[],
): Promise<Set<string>> {
  const step = batch[0]?.step ?? 'plan'
  const ids = new Set(batch.map(({ record }) => record.messageId))
  try {
    const event = { Records: batch.map(({ record }) => record) }
    const answer = Answer.parse((await handlers[step](event, lambdaContext(step, settings[step]))) ?? {})
    const failed = new Set(answer.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier))
    if ([...failed].every(id => ids.has(id))) return failed
    throw new Error(`${step} reported messages it was not given: ${[...failed].join(', ')}`)
  } catch (error) {
    trouble(step, error)
    return ids
  }
}

async function remove(client: SQSClient, { queues }: DeliveryOptions, messages: Message[]): Promise<void> {
  for (const { url, entries } of calls(queues, messages))
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }))
}

async function giveBack(client: SQSClient, options: DeliveryOptions, messages: Message[]): Promise<void> {
  const { queues, retrySeconds } = options
  if (retrySeconds === null) return
  // One that came twice may be deleted meanwhile: the answer says so, and nothing is to be done.
  for (const { url, entries } of calls(queues, messages)) {
    const Entries = entries.map(entry => ({ ...entry, VisibilityTimeout: retrySeconds }))
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }))
  }
}

function calls({ urls }: DeliveryOptions['queues'], messages: Message[]) {
  return batches(messages, () => MAX_PER_CALL).map(group => ({
    url: urls[group[0]?.step ?? 'plan'],
    entries: group.map(({ record }, index) => ({ Id: String(index), ReceiptHandle: record.receiptHandle })),
  }))
}
