/** Sends three messages, one of them delayed, receives one, and waits to be killed. */
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { LOCAL_AWS } from '../../../infra/local/emulators/local-aws.ts'
import { startQueues } from '../../../infra/local/emulators/queues.ts'

const { endpoint, urls } = await startQueues({ folder: process.argv[2] ?? '' })
const client = new SQSClient({ endpoint, ...LOCAL_AWS })
const QueueUrl = urls.plan
await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'first' }))
await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'second' }))
await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'delayed', DelaySeconds: 900 }))
await client.send(new ReceiveMessageCommand({ QueueUrl }))
process.stdout.write('received')
setInterval(() => undefined, 60_000)
