/** The environment of the functions on this machine. */
import { LOCAL_AWS } from './emulators/local-aws.ts'
import type { Queues } from './emulators/queues.ts'
import type { Table } from './emulators/table.ts'

export interface Embedded {
  table: Pick<Table, 'endpoint' | 'tableName'>
  queues: Pick<Queues, 'endpoint' | 'urls'>
}

/** The variables by which functions find the embedded parts, where a deployment names its own. */
export const embeddedEnvironment = ({ table, queues }: Embedded) => ({
  AWS_REGION: LOCAL_AWS.region,
  AWS_ACCESS_KEY_ID: LOCAL_AWS.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: LOCAL_AWS.credentials.secretAccessKey,
  AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  AWS_ENDPOINT_URL_SQS: queues.endpoint,
  TABLE_NAME: table.tableName,
  PLAN_QUEUE_URL: queues.urls.plan,
  STOP_QUEUE_URL: queues.urls.stop,
  FOLLOW_QUEUE_URL: queues.urls.follow,
  NOTIFY_QUEUE_URL: queues.urls.notify,
})
