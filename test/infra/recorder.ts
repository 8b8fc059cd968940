/** What each function asks of AWS, as its role would have to allow it. */
import type { Client, MetadataBearer } from '@smithy/types'
import type { Handlers } from '../../infra/local/runner/lambda.ts'
import type { FunctionName } from '../../infra/local/templates.ts'
import type { Aws } from '../aws/wire.ts'
import type { Deaths } from '../flow/deaths.ts'
import { idOf } from './packaged.ts'

export type Clients = Pick<Client<object, MetadataBearer, unknown>, 'middlewareStack'>[]

interface Recorder {
  /** By function: such as `dynamodb:Query <Table.Arn>/index/due`. */
  calls: Map<FunctionName, Set<string>>
  /** Looks over the shoulder of a world's functions, which are called one after the other. */
  watch(clients: Clients): Deaths
  /** Whose calls the next ones are, where no handler says so. */
  as<T>(name: FunctionName, work: () => Promise<T>): Promise<T>
  /** What was read of secrets since it was looked at last. */
  aws: Aws | null
}

const ACTIONS: Record<string, string> = {
  GetItemCommand: 'dynamodb:GetItem',
  BatchGetItemCommand: 'dynamodb:BatchGetItem',
  PutItemCommand: 'dynamodb:PutItem',
  UpdateItemCommand: 'dynamodb:UpdateItem',
  DeleteItemCommand: 'dynamodb:DeleteItem',
  QueryCommand: 'dynamodb:Query',
  SendMessageCommand: 'sqs:SendMessage',
  SendMessageBatchCommand: 'sqs:SendMessage',
  GetQueueAttributesCommand: 'sqs:GetQueueAttributes',
  PutEventsCommand: 'events:PutEvents',
}

interface Input {
  IndexName?: string
  QueueUrl?: string
  Entries?: { EventBusName?: string }[]
}

const HERE = '<AWS::Region>:<AWS::AccountId>'
const ARN = 'arn:<AWS::Partition>'
const SECRETS: Record<string, string> = {
  GetSecretValue: `secretsmanager:GetSecretValue ${ARN}:secretsmanager:${HERE}:secret:curfew/*`,
  GetParameter: `ssm:GetParameter ${ARN}:ssm:${HERE}:parameter/curfew/*`,
}

function resource({ IndexName, QueueUrl, Entries }: Input): string {
  if (QueueUrl !== undefined) return `${idOf(QueueUrl.split('/').at(-1)!, 'Queue')}.Arn`
  const bus = Entries?.[0]?.EventBusName
  if (bus !== undefined) return `${ARN}:events:${HERE}:event-bus/${bus}`
  return IndexName === undefined ? 'Table.Arn' : `<Table.Arn>/index/${IndexName}`
}

export function createRecorder(): Recorder {
  let current: FunctionName | null = null

  async function as<T>(name: FunctionName, work: () => Promise<T>): Promise<T> {
    current = name
    const asked = recorder.aws?.asked.length ?? 0
    try {
      return await work()
    } finally {
      for (const one of recorder.aws?.asked.slice(asked) ?? []) note(SECRETS[one.split(' ')[0]!]!)
      current = null
    }
  }

  function note(call: string): void {
    if (current === null) return
    const known = recorder.calls.get(current) ?? new Set()
    recorder.calls.set(current, known.add(call))
  }

  const watched =
    (name: FunctionName) =>
    <E, C>(handler: (event: E, context: C) => Promise<unknown>) =>
    (event: E, context: C): Promise<unknown> =>
      as(name, () => handler(event, context))

  function watch(clients: Clients): Deaths {
    for (const client of clients)
      client.middlewareStack.add(
        (next, { commandName = '' }) =>
          args => {
            const action = ACTIONS[commandName] ?? `no action is known for ${commandName} on`
            note(`${action} ${resource(args.input as Input)}`)
            return next(args)
          },
        { step: 'initialize', name: 'recorder' },
      )
    return {
      effects: [],
      circumstances: new Map(),
      arm: () => undefined,
      rig: services => services,
      mortal: ({ tick, plan, stop, follow, notify, http }: Handlers) => ({
        tick: watched('tick')(tick),
        plan: watched('plan')(plan),
        stop: watched('stop')(stop),
        follow: watched('follow')(follow),
        notify: watched('notify')(notify),
        http,
      }),
    }
  }

  const recorder: Recorder = { calls: new Map(), watch, as, aws: null }
  return recorder
}
