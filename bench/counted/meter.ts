/** Counts what a store and its queues ask of AWS, in AWS's own units, as the calls pass. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { SQSClient } from '@aws-sdk/client-sqs'
import { indexUnits, itemSize, readUnits, writeUnits } from './units.ts'

const INDEXES = [
  { hash: 'dueKey', range: 'dueAt' },
  { hash: 'listKey', range: 'listAt' },
]

export interface Counted {
  calls: Record<string, number>
  /** Of the table alone, then of its indexes. */
  writeUnits: number
  indexWriteUnits: number
  readUnits: number
  /** Write units by the first word of an item's range key, indexes included. */
  byItem: Record<string, number>
  /** Messages that were sent. */
  messages: number
  /** What the table holds more than before. */
  storedBytes: number
}

export const nothing = (): Counted => ({
  calls: {},
  writeUnits: 0,
  indexWriteUnits: 0,
  readUnits: 0,
  byItem: {},
  messages: 0,
  storedBytes: 0,
})

type Item = Record<string, unknown>
interface Input {
  Item?: Item
  Key?: Item
  IndexName?: string
  ConsistentRead?: boolean
  Entries?: unknown[]
}
interface Output {
  Item?: Item
  Attributes?: Item
  Items?: Item[]
  Responses?: Record<string, Item[]>
}
type Called = { name: string; input: Input; output: Output; refused: boolean }

const keyOf = ({ pk, sk }: Item): string => `${pk} ${sk}`
const plus = (counts: Record<string, number>, name: string, more: number): void => {
  counts[name] = (counts[name] ?? 0) + more
}

/** What the table holds, as far as it was written while we looked: a change costs by what was there before. */
function createTableMeter(counted: () => Counted) {
  const items = new Map<string, Item>()

  function written(key: Item, after: Item | undefined): void {
    const before = items.get(keyOf(key))
    const old = itemSize(before ?? {})
    const now = itemSize(after ?? {})
    const units = writeUnits(Math.max(old, now))
    counted().storedBytes += now - old
    const index = INDEXES.reduce((sum, keys) => sum + indexUnits(keys, before, after), 0)
    counted().writeUnits += units
    counted().indexWriteUnits += index
    plus(counted().byItem, String(key.sk).split('#')[0]!, units + index)
    if (after) items.set(keyOf(key), after)
    else items.delete(keyOf(key))
  }

  function read({ name, input, output }: Called): void {
    const consistent = input.ConsistentRead ?? true
    const units = (size: number) => readUnits(size, { consistent })
    if (name === 'GetItemCommand') counted().readUnits += units(itemSize(output.Item ?? {}))
    if (name === 'QueryCommand')
      counted().readUnits += units((output.Items ?? []).reduce((sum, item) => sum + itemSize(item), 0))
    for (const found of Object.values(output.Responses ?? {}))
      for (const item of found) counted().readUnits += units(itemSize(item))
  }

  return function table(called: Called): void {
    const { name, input, output, refused } = called
    const key = input.Item ?? input.Key
    if (name === 'PutItemCommand' && key) written(key, refused ? items.get(keyOf(key)) : key)
    else if (name === 'UpdateItemCommand' && key)
      written(key, refused ? items.get(keyOf(key)) : output.Attributes)
    else if (name === 'DeleteItemCommand' && key) written(key, refused ? items.get(keyOf(key)) : undefined)
    else read(called)
  }
}

export interface Meter {
  /** What was counted since the last time this was asked. */
  take(): Counted
}

export function meter({ dynamo, sqs }: { dynamo: DynamoDBClient; sqs: SQSClient }): Meter {
  let counted = nothing()
  const table = createTableMeter(() => counted)
  const queue = ({ input }: Called): void => {
    counted.messages += input.Entries?.length ?? 1
  }
  for (const [client, count] of [
    [dynamo, table],
    [sqs, queue],
  ] as const)
    watch(client, called => {
      plus(counted.calls, called.name, 1)
      count(called)
    })
  return {
    take() {
      const taken = counted
      counted = nothing()
      return taken
    },
  }
}

function watch(client: DynamoDBClient | SQSClient, seen: (called: Called) => void): void {
  const stack = client.middlewareStack as DynamoDBClient['middlewareStack']
  stack.add(
    (next, { commandName: name = '' }) =>
      async args => {
        const input = args.input as Input
        try {
          const answer = await next(args)
          seen({ name, input, output: answer.output as Output, refused: false })
          return answer
        } catch (error) {
          seen({ name, input, output: {}, refused: true })
          throw error
        }
      },
    { step: 'initialize', name: 'meter' },
  )
}
