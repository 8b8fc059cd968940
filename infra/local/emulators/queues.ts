import type { DatabaseSync } from 'node:sqlite'
import { buildApp } from 'fauxqs'
import * as z from 'zod'
// Its package shows only a server that listens on every interface; these are the parts that one is made of.
import { PersistenceManager } from '../../../node_modules/fauxqs/dist/persistence.js'
import { S3Store } from '../../../node_modules/fauxqs/dist/s3/s3Store.js'
import { SnsStore } from '../../../node_modules/fauxqs/dist/sns/snsStore.js'
import { type SqsQueue, SqsStore } from '../../../node_modules/fauxqs/dist/sqs/sqsStore.js'
import { diskProblem } from '../problem.ts'
import { type QueuedStep, type QueueTemplate, queueTemplates } from '../templates.ts'
import { LOCAL_AWS } from './table.ts'

interface QueueContents {
  /** Bodies of what a receive would get now. */
  visible: string[]
  /** What is delayed, or received and not yet deleted, and when (ms since epoch) it can be received. */
  hidden: { body: string; visibleAtMs: number; received: boolean }[]
  /** Bodies of what was given back too often. */
  dead: string[]
}

export interface Queues {
  endpoint: string
  urls: Record<QueuedStep, string>
  /** What a queue holds now, without receiving any of it. */
  inspect(step: QueuedStep): QueueContents
  close(): Promise<void>
}

const ACCOUNT = '000000000000'
const deadLetters = (step: QueuedStep) => `${step}-dead-letters`

/**
 * An embedded SQS on a free port of 127.0.0.1 with the queues of `infra/aws/queues.yml` and their dead letters: kept in
 * the folder, or in memory when `folder` is `null`. What the last process had received and not deleted can be
 * received at once. Throws `Problem` when the folder cannot be written.
 */
export async function startQueues(options: { folder: string | null }): Promise<Queues> {
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() }
  const persistence = options.folder === null ? null : kept(options.folder, stores)
  const app = buildApp({ logger: false, stores })
  app.server.keepAliveTimeout = 0
  refuseLongDelays(app)
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const template of queueTemplates()) createQueues(stores.sqsStore, { endpoint, ...template })
  return {
    endpoint,
    urls: { plan: url(endpoint, 'plan'), stop: url(endpoint, 'stop'), follow: url(endpoint, 'follow') },
    inspect: step => queueContents(stores.sqsStore, step),
    close: async () => {
      await app.close()
      persistence?.close()
    },
  }
}

const url = (endpoint: string, name: string) => `${endpoint}/${ACCOUNT}/${name}`
const arn = (name: string) => `arn:aws:sqs:${LOCAL_AWS.region}:${ACCOUNT}:${name}`

function kept(folder: string, stores: { sqsStore: SqsStore; snsStore: SnsStore }): PersistenceManager {
  try {
    const persistence = new PersistenceManager(folder)
    release(persistence)
    persistence.loadSqsAndSns(stores.sqsStore, stores.snsStore)
    // Only now: loading would write each queue anew, and take its messages with the old one.
    stores.sqsStore.persistence = persistence
    for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence
    return persistence
  } catch (error) {
    throw diskProblem(error, folder) ?? error
  }
}

function release(persistence: PersistenceManager): void {
  const database: DatabaseSync = Reflect.get(persistence, 'db')
  // A killed process loses nothing by this; each message would wait for the disk otherwise.
  database.exec('PRAGMA synchronous = NORMAL')
  const ready = 'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL'
  database.exec(ready)
  const readyOne = database.prepare(`${ready} WHERE message_id = ?`)
  // Its own sets the number of receives to null, which its table refuses.
  persistence.updateMessageReady = messageId => void readyOne.run(messageId)
}

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

/** As on AWS, where a delay is 900 seconds at most; the emulator takes any. */
function refuseLongDelays(app: ReturnType<typeof buildApp>): void {
  const Delay = z.object({ DelaySeconds: z.number().max(900).optional() })
  const Send = z.object({ ...Delay.shape, Entries: z.array(Delay).optional() })
  app.addHook('preHandler', async (request, reply) => {
    if (!String(request.headers['x-amz-target']).startsWith('AmazonSQS.Send')) return
    if (Send.safeParse(request.body).success) return
    return reply.code(400).header('content-type', 'application/x-amz-json-1.0').send({
      __type: 'com.amazonaws.sqs#InvalidParameterValue',
      message: 'Value for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900, if provided.',
    })
  })
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

function messages(queue: SqsQueue | undefined): ReturnType<SqsQueue['inspectMessages']> {
  return queue?.inspectMessages() ?? { ready: [], delayed: [], inflight: [] }
}
