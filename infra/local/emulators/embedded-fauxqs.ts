/** The one place that knows fauxqs from the inside: its SQS alone, without a server that listens. */
import type { DatabaseSync } from 'node:sqlite'
import type { SqsStore } from '../../../node_modules/fauxqs/dist/sqs/sqsStore.js'
import { changedPackage, loadParts, requireParts } from './expected-parts.ts'
import type { OwnRequest, Reply } from './own-clients.ts'

export type { SqsQueue, SqsStore } from '../../../node_modules/fauxqs/dist/sqs/sqsStore.js'

export interface Fauxqs {
  store: SqsStore
  answer: (request: OwnRequest) => Promise<Reply>
  close(): Promise<void>
}

const EXPECTED = { package: 'fauxqs', usedBy: 'infra/local/emulators/embedded-fauxqs.ts' } as const

/** Its package shows only a server that listens on every interface; these are the parts that one is made of. */
export async function importFauxqs() {
  const [{ buildApp }, { PersistenceManager }, { SqsStore, SqsQueue }, { SnsStore }, { S3Store }] =
    await Promise.all([
      import('fauxqs'),
      import('../../../node_modules/fauxqs/dist/persistence.js'),
      import('../../../node_modules/fauxqs/dist/sqs/sqsStore.js'),
      import('../../../node_modules/fauxqs/dist/sns/snsStore.js'),
      import('../../../node_modules/fauxqs/dist/s3/s3Store.js'),
    ])
  return { buildApp, PersistenceManager, SqsStore, SqsQueue, SnsStore, S3Store }
}
type Parts = Awaited<ReturnType<typeof importFauxqs>>

/** Kept in the folder, or in memory. Throws `Problem` that says in words what another version of fauxqs lacks. */
export async function openFauxqs(
  folder: string | null,
  load: () => Promise<Parts> = importFauxqs,
): Promise<Fauxqs> {
  const parts = await loadParts(load, EXPECTED)
  checkParts(parts)
  const stores = {
    sqsStore: new parts.SqsStore(),
    snsStore: new parts.SnsStore(),
    s3Store: new parts.S3Store(),
  }
  const persistence = folder === null ? null : loadMessages(parts, { folder, ...stores })
  const app = parts.buildApp({ logger: false, stores })
  await app.ready()
  return {
    store: stores.sqsStore,
    answer: async ({ headers, body }) => {
      const answer = await app.inject({ method: 'POST', url: '/', headers, payload: body })
      const { statusCode: status, rawPayload } = answer
      return { status, contentType: String(answer.headers['content-type']), body: rawPayload }
    },
    close: async () => {
      await app.close()
      persistence?.close()
    },
  }
}

function checkParts(parts: Parts): void {
  const { SqsStore, SqsQueue, PersistenceManager, SnsStore, S3Store } = parts
  const methods = (name: string, type: unknown, names: string[]) =>
    names.map(method => {
      const prototype = typeof type === 'function' ? type.prototype : undefined
      return [`${name}.${method}()`, typeof prototype?.[method] === 'function']
    })
  requireParts(
    {
      'function buildApp()': typeof parts.buildApp === 'function',
      'class SnsStore': typeof SnsStore === 'function',
      'class S3Store': typeof S3Store === 'function',
      ...Object.fromEntries([
        ...methods('SqsStore', SqsStore, ['allQueues', 'createQueue', 'getQueueByName']),
        ...methods('SqsQueue', SqsQueue, ['inspectMessages', 'setAttributes']),
        ...methods('PersistenceManager', PersistenceManager, [
          'loadSqsAndSns',
          'updateMessageReady',
          'close',
        ]),
      ]),
    },
    EXPECTED,
  )
}

type Loading = { folder: string } & Record<'sqsStore', InstanceType<Parts['SqsStore']>> &
  Record<'snsStore', InstanceType<Parts['SnsStore']>>

/** What the last process had received and not deleted can be received at once. */
function loadMessages({ PersistenceManager }: Parts, { folder, sqsStore, snsStore }: Loading) {
  const persistence = new PersistenceManager(folder)
  const database: DatabaseSync | undefined = Reflect.get(persistence, 'db')
  requireParts({ 'db in its PersistenceManager': typeof database?.exec === 'function' }, EXPECTED)
  const ready = 'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL'
  // A killed process loses nothing by this; each message would wait for the disk otherwise.
  database!.exec('PRAGMA synchronous = NORMAL')
  try {
    database!.exec(ready)
  } catch (error) {
    if (!/no such (table|column)/.test(String(error))) throw error
    throw changedPackage('its table sqs_messages is another one', EXPECTED, error)
  }
  const readyOne = database!.prepare(`${ready} WHERE message_id = ?`)
  // Its own sets the number of receives to null, which its table refuses.
  persistence.updateMessageReady = messageId => void readyOne.run(messageId)
  persistence.loadSqsAndSns(sqsStore, snsStore)
  // Only now: loading would write each queue anew, and take its messages with the old one.
  sqsStore.persistence = persistence
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence
  return persistence
}
