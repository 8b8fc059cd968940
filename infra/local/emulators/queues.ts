/** The embedded SQS, with the queues of the deployed templates. */
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { diskProblem } from '../problem.ts'
import { type QueuedStep, type QueueTemplate, queueTemplates, STEPS } from '../templates.ts'
import { type Fauxqs, openFauxqs, type SqsQueue, type SqsStore } from './embedded-fauxqs.ts'
import { startGuarded } from './guard.ts'
import { LOCAL_AWS } from './local-aws.ts'
import { type OwnRequest, ownClient, type Reply } from './own-clients.ts'

interface QueueContents {
  /** Bodies of what a receive would get now. */
  visible: string[]
  /** What is delayed, or received and not yet deleted, and when (ms since epoch) it can be received. */
  hidden: { body: string; visibleAtMs: number; received: boolean }[]
  /** Bodies of what was given back too often. */
  dead: string[]
}

/** A message that was given back too often. */
interface DeadLetter {
  step: QueuedStep
  body: string
  sentAt: string
}

export interface Queues {
  endpoint: string
  urls: Record<QueuedStep, string>
  /** What a queue holds now, without receiving any of it. */
  inspect(step: QueuedStep): QueueContents
  deadLetters(): DeadLetter[]
  /** Moves all dead letters back to the queues that they came from; returns how many. A kill may leave one in both. */
  redrive(): Promise<number>
  close(): Promise<void>
}

const ACCOUNT = '000000000000'
const deadLetters = (step: QueuedStep) => `${step}-dead-letters`

/**
 * An embedded SQS, for this process alone, with the queues of `infra/aws/queues.yml` and their dead letters: kept in
 * the folder, or in memory when `folder` is `null`. What the last process had received and not deleted can be
 * received at once. Throws `Problem` when the folder cannot be written.
 */
export async function startQueues({ folder }: { folder: string | null }): Promise<Queues> {
  const emulator = await openFauxqs(folder).catch(error => {
    throw (folder === null ? null : diskProblem(error, folder)) ?? error
  })
  const { store } = emulator
  const { endpoint, close } = await startGuarded({
    service: 'sqs',
    operations: 'AmazonSQS.',
    answer: request => answerQueues(emulator, request),
  })
  for (const template of queueTemplates()) createQueues(store, { endpoint, ...template })
  return {
    endpoint,
    urls: urlsOf(endpoint),
    inspect: step => queueContents(store, step),
    deadLetters: () => STEPS.flatMap(step => deadLettersOf(store, step)),
    redrive: () => redrive(endpoint),
    close: async () => {
      await close()
      await emulator.close()
    },
  }
}

const url = (endpoint: string, name: string) => `${endpoint}/${ACCOUNT}/${name}`
const urlsOf = (endpoint: string): Record<QueuedStep, string> => ({
  plan: url(endpoint, 'plan'),
  stop: url(endpoint, 'stop'),
  follow: url(endpoint, 'follow'),
  notify: url(endpoint, 'notify'),
})
const arn = (name: string) => `arn:aws:sqs:${LOCAL_AWS.region}:${ACCOUNT}:${name}`

function createQueues(store: SqsStore, template: QueueTemplate & { endpoint: string }): void {
  const { step, endpoint, visibilitySeconds, maxReceiveCount } = template
  const redrive = { deadLetterTargetArn: arn(deadLetters(step)), maxReceiveCount }
  const queues: Record<string, Record<string, string>> = {
    [deadLetters(step)]: { MessageRetentionPeriod: '1209600' },
    [step]: { VisibilityTimeout: String(visibilitySeconds), RedrivePolicy: JSON.stringify(redrive) },
  }
  for (const [name, attributes] of Object.entries(queues)) {
    const queue = store.getQueueByName(name)
    if (queue) queue.setAttributes(attributes)
    else store.createQueue(name, url(endpoint, name), arn(name), attributes)
  }
}

const Delay = z.object({ DelaySeconds: z.number().max(900).optional() })
const Send = z.object({ ...Delay.shape, Entries: z.array(Delay).optional() })

/** As on AWS, where a delay is 900 seconds at most; the emulator takes any. */
function isDelayedTooLong({ headers, body }: OwnRequest): boolean {
  if (!String(headers['x-amz-target']).startsWith('AmazonSQS.Send')) return false
  return !Send.safeParse(JSON.parse(body.toString())).success
}

async function answerQueues(emulator: Fauxqs, request: OwnRequest): Promise<Reply> {
  if (!isDelayedTooLong(request)) return emulator.answer(request)
  const error = {
    __type: 'com.amazonaws.sqs#InvalidParameterValue',
    message: 'Value for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900, if provided.',
  }
  return { status: 400, contentType: 'application/x-amz-json-1.0', body: JSON.stringify(error) }
}

function queueContents(store: SqsStore, step: QueuedStep): QueueContents {
  const { ready, delayed, inflight } = messages(store.getQueueByName(step))
  const hidden = [
    ...delayed.map(({ body, delayUntil }) => ({ body, visibleAtMs: delayUntil ?? 0, received: false })),
    ...inflight.map(({ message, visibilityDeadline }) => ({
      body: message.body,
      visibleAtMs: visibilityDeadline,
      received: true,
    })),
  ]
  const now = Date.now()
  return {
    visible: [...ready, ...hidden.filter(({ visibleAtMs }) => visibleAtMs <= now)].map(({ body }) => body),
    hidden: hidden.filter(({ visibleAtMs }) => visibleAtMs > now),
    dead: messages(store.getQueueByName(deadLetters(step))).ready.map(({ body }) => body),
  }
}

const deadLettersOf = (store: SqsStore, step: QueuedStep): DeadLetter[] =>
  messages(store.getQueueByName(deadLetters(step))).ready.map(({ body, sentTimestamp }) => ({
    step,
    body,
    sentAt: new Date(sentTimestamp).toISOString(),
  }))

async function redrive(endpoint: string): Promise<number> {
  const client = new SQSClient(ownClient(endpoint))
  try {
    let count = 0
    for (const step of STEPS) count += await redriveStep(client, { endpoint, step })
    return count
  } finally {
    client.destroy()
  }
}

/** Sent first, deleted second: a message that comes twice does no harm. */
async function redriveStep(
  client: SQSClient,
  { endpoint, step }: { endpoint: string; step: QueuedStep },
): Promise<number> {
  const QueueUrl = url(endpoint, deadLetters(step))
  for (let count = 0; ; ) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    )
    if (Messages.length === 0) return count
    for (const { Body: MessageBody, MessageAttributes, ReceiptHandle } of Messages) {
      await client.send(
        new SendMessageCommand({ QueueUrl: url(endpoint, step), MessageBody, MessageAttributes }),
      )
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      count += 1
    }
  }
}

function messages(queue: SqsQueue | undefined): ReturnType<SqsQueue['inspectMessages']> {
  return queue?.inspectMessages() ?? { ready: [], delayed: [], inflight: [] }
}
