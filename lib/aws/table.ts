/** The DynamoDB table, as plainly as it can be asked: one item, one conditional change, one query. */
import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'

import {
  conditionExpression,
  expressionAttributes,
  type ItemChange,
  newExpression,
  projectionOf,
  type QueryOptions,
  queryInput,
  updateText,
  type WriteCondition,
} from './expressions.ts'

export interface Key {
  pk: string
  sk: string
}
export type Item = Key & Record<string, unknown>

/** Where a list goes on: the key after which the next page begins. */
export type PageStart = Record<string, unknown>
export interface ItemPage<T> {
  items: T[]
  next: PageStart | undefined
}

/** Whether a conditional write was made; any other failure is thrown. */
async function doesSucceed<T>(write: Promise<T>): Promise<T | null> {
  try {
    return await write
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null
    throw error
  }
}

const MAX_IN_BATCH = 100

export type Table = ReturnType<typeof createTable>

export function createTable(dynamo: DynamoDBClient, TableName: string) {
  const client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } })

  async function batch(keys: Key[], fields?: string[]): Promise<Item[]> {
    const items: Item[] = []
    const wanted = { ConsistentRead: true, ...projectionOf(fields) }
    for (let rest = keys; rest.length > 0; ) {
      const Keys = rest.slice(0, MAX_IN_BATCH)
      const answer = await client.send(
        new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ...wanted } } }),
      )
      items.push(...((answer.Responses?.[TableName] ?? []) as Item[]))
      const unread = (answer.UnprocessedKeys?.[TableName]?.Keys ?? []) as Key[]
      rest = [...unread, ...rest.slice(MAX_IN_BATCH)]
    }
    return items
  }

  return {
    /** Read consistently; `undefined` when there is none. */
    async item(key: Key): Promise<Item | undefined> {
      const { Item } = await client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }))
      return Item as Item | undefined
    },

    /** Reads items, as far as they exist, consistently and in the order of their keys; `fields`: only these of each. */
    async items(keys: Key[], fields?: string[]): Promise<Item[]> {
      const found = new Map((await batch(keys, fields)).map(item => [`${item.pk} ${item.sk}`, item]))
      return keys.flatMap(({ pk, sk }) => found.get(`${pk} ${sk}`) ?? [])
    },

    /** False when `when` did not hold: nothing was written. */
    async put(item: Item, when?: WriteCondition[]): Promise<boolean> {
      const e = newExpression()
      const input = { TableName, Item: item, ...conditionExpression(when, e), ...expressionAttributes(e) }
      return (await doesSucceed(client.send(new PutCommand(input)))) !== null
    },

    /** The item after the change; `null` when `when` did not hold: nothing was written. */
    async change(Key: Key, change: ItemChange): Promise<Item | null> {
      const e = newExpression()
      const input = {
        TableName,
        Key,
        UpdateExpression: updateText(change, e),
        ...conditionExpression(change.when, e),
        ...expressionAttributes(e),
        ReturnValues: 'ALL_NEW' as const,
      }
      const answer = await doesSucceed(client.send(new UpdateCommand(input)))
      return answer === null ? null : (answer.Attributes as Item)
    },

    /** False when `when` did not hold: nothing was deleted. */
    async remove(Key: Key, when?: WriteCondition[]): Promise<boolean> {
      const e = newExpression()
      return (
        (await doesSucceed(
          client.send(
            new DeleteCommand({
              TableName,
              Key,
              ...conditionExpression(when, e),
              ...expressionAttributes(e),
            }),
          ),
        )) !== null
      )
    },

    /** One page of a query, and where the next one starts. */
    async query(options: QueryOptions): Promise<ItemPage<Item>> {
      const answer = await client.send(new QueryCommand({ TableName, ...queryInput(options) }))
      return { items: (answer.Items ?? []) as Item[], next: answer.LastEvaluatedKey }
    },

    /** Every item of a query, page by page. */
    async *pages(options: QueryOptions): AsyncGenerator<Item[]> {
      let after = options.after
      do {
        const { items, next } = await this.query({ ...options, after })
        yield items
        after = next
      } while (after !== undefined)
    },
  }
}
