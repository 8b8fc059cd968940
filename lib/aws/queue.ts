/** The queues of the line. They only hurry what the table says is to be done: a lost or doubled message does no harm. */
import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { ChunkMessage } from '../core/model/chunk.ts'
import type { NotifyMessage } from '../core/notify/notify.ts'
import type { PlanMessage } from '../core/plan/plan.ts'

/** SQS delays a message 15 minutes at most (SendMessage, DelaySeconds). */
const MAX_DELAY_SECONDS = 900
/** SendMessageBatch takes ten messages. */
const MAX_IN_BATCH = 10
const BATCHES_SIDE_BY_SIDE = 10

interface QueueUrls {
  plan: string
  stop: string
  follow: string
  notify: string
}
export type Queue = ReturnType<typeof createQueue>

const portions = <T>(items: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))

export function createQueue(sqs: SQSClient, urls: QueueUrls) {
  const send = async (QueueUrl: string, message: unknown, delaySeconds: number): Promise<void> => {
    const MessageBody = JSON.stringify(message)
    // Cut to SQS's maximum: a step that receives the message early learns so from the table and requeues it.
    const DelaySeconds = Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(delaySeconds)))
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }))
  }
  const sendBatch = async (QueueUrl: string, messages: unknown[]): Promise<void> => {
    const Entries = messages.map((message, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(message),
    }))
    const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    if (Failed?.length)
      throw new Error(`${Failed.length} of ${Entries.length} messages were not taken: ${Failed[0]?.Message}`)
  }
  const sendAll = async (QueueUrl: string, messages: unknown[]): Promise<void> => {
    for (const together of portions(messages, MAX_IN_BATCH * BATCHES_SIDE_BY_SIDE))
      await Promise.all(portions(together, MAX_IN_BATCH).map(batch => sendBatch(QueueUrl, batch)))
  }
  return {
    plan: (message: PlanMessage, delaySeconds = 0) => send(urls.plan, message, delaySeconds),
    plans: (messages: PlanMessage[]) => sendAll(urls.plan, messages),
    stop: (message: ChunkMessage, delaySeconds = 0) => send(urls.stop, message, delaySeconds),
    stops: (messages: ChunkMessage[]) => sendAll(urls.stop, messages),
    follow: (message: ChunkMessage, delaySeconds = 0) => send(urls.follow, message, delaySeconds),

    notify: (message: NotifyMessage, delaySeconds = 0) => send(urls.notify, message, delaySeconds),
    notifies: (messages: NotifyMessage[]) => sendAll(urls.notify, messages),

    /** Whether the queues answer. */
    async answers(): Promise<boolean> {
      const asked = Object.values(urls).map(QueueUrl =>
        sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })),
      )
      await Promise.all(asked)
      return true
    },
  }
}
