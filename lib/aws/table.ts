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

export interface Key {
  pk: string
  sk: string
}
export type Item = Key & Record<string, unknown>

/** What must hold for a change to be made; `path` names an attribute, or one inside a map with dots. */
type Condition =
  | { path: string; is: unknown }
  | { path: string; absent: true }
  /** Whatever else it may be. */
  | { path: string; noText: true }
  | { path: string; lacks: unknown }
  | { path: string; atMost: unknown }

interface Change {
  set?: Record<string, unknown>
  /** Set only where there is nothing yet. */
  setOnce?: Record<string, unknown>
  plus?: Record<string, number>
  add?: Record<string, Set<number>>
  remove?: string[]
  when?: Condition[]
}

interface Expression {
  name(path: string): string
  value(value: unknown): string
  names: Record<string, string>
  values: Record<string, unknown>
}

function expression(): Expression {
  const names: Record<string, string> = {}
  const values: Record<string, unknown> = {}
  const aliases = new Map<string, string>()
  const alias = (part: string): string => {
    const known = aliases.get(part) ?? `#n${aliases.size}`
    aliases.set(part, known)
    names[known] = part
    return known
  }
  return {
    names,
    values,
    name: path => path.split('.').map(alias).join('.'),
    value: value => {
      const key = `:v${Object.keys(values).length}`
      values[key] = value
      return key
    },
  }
}

function conditionText(condition: Condition, { name, value }: Expression): string {
  const path = name(condition.path)
  if ('absent' in condition) return `attribute_not_exists(${path})`
  if ('noText' in condition) return `NOT attribute_type(${path}, ${value('S')})`
  if ('lacks' in condition)
    return `(attribute_not_exists(${path}) OR NOT contains(${path}, ${value(condition.lacks)}))`
  if ('atMost' in condition) return `(attribute_not_exists(${path}) OR ${path} <= ${value(condition.atMost)})`
  return `${path} = ${value(condition.is)}`
}

const conditions = (when: Condition[] | undefined, e: Expression): { ConditionExpression?: string } =>
  when?.length ? { ConditionExpression: when.map(one => conditionText(one, e)).join(' AND ') } : {}

/** The parts of a request that names and values of an expression fill; absent where there are none. */
const filled = ({ names, values }: Expression) => ({
  ...(Object.keys(names).length ? { ExpressionAttributeNames: names } : {}),
  ...(Object.keys(values).length ? { ExpressionAttributeValues: values } : {}),
})

function updateText(change: Change, e: Expression): string {
  const { name, value } = e
  const entries = <T>(of: Record<string, T> | undefined) =>
    Object.entries(of ?? {}).filter(([, v]) => v !== undefined)
  const sets = [
    ...entries(change.set).map(([path, v]) => `${name(path)} = ${value(v)}`),
    ...entries(change.setOnce).map(
      ([path, v]) => `${name(path)} = if_not_exists(${name(path)}, ${value(v)})`,
    ),
    ...entries(change.plus).map(
      ([path, n]) => `${name(path)} = if_not_exists(${name(path)}, ${value(0)}) + ${value(n)}`,
    ),
  ]
  const adds = entries(change.add).map(([path, v]) => `${name(path)} ${value(v)}`)
  const removes = (change.remove ?? []).map(name)
  const clause = (word: string, parts: string[]) => (parts.length ? [`${word} ${parts.join(', ')}`] : [])
  return [...clause('SET', sets), ...clause('ADD', adds), ...clause('REMOVE', removes)].join(' ')
}

/** Where a list goes on: the key after which the next page begins. */
export type Place = Record<string, unknown>
export interface Page<T> {
  items: T[]
  next: Place | undefined
}

interface QueryOptions {
  index?: string
  hash: [name: string, value: string]
  /** Bounds of the range key, both inclusive; `prefix` instead of both. */
  range?: { name: string; prefix?: string; from?: string; to?: string }
  newestFirst?: boolean
  most?: number
  after?: Place
}

function rangeText(range: NonNullable<QueryOptions['range']>, { name, value }: Expression): string {
  const path = name(range.name)
  if (range.prefix !== undefined) return `begins_with(${path}, ${value(range.prefix)})`
  if (range.from === undefined) return `${path} <= ${value(range.to)}`
  if (range.to === undefined) return `${path} >= ${value(range.from)}`
  return `${path} BETWEEN ${value(range.from)} AND ${value(range.to)}`
}

function queryInput(options: QueryOptions) {
  const e = expression()
  const hash = `${e.name(options.hash[0])} = ${e.value(options.hash[1])}`
  const key = options.range ? `${hash} AND ${rangeText(options.range, e)}` : hash
  return {
    IndexName: options.index,
    KeyConditionExpression: key,
    ...filled(e),
    ConsistentRead: options.index === undefined,
    ScanIndexForward: !options.newestFirst,
    Limit: options.most,
    ExclusiveStartKey: options.after,
  }
}

/** The keys and these fields; everything where none are named. */
function projection(fields?: string[]) {
  if (fields === undefined) return {}
  const e = expression()
  const ProjectionExpression = ['pk', 'sk', ...fields].map(e.name).join(', ')
  return { ProjectionExpression, ExpressionAttributeNames: e.names }
}

/** Whether a conditional write was made; any other failure is thrown. */
async function made<T>(write: Promise<T>): Promise<T | null> {
  try {
    return await write
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return null
    throw error
  }
}

const MOST_IN_BATCH = 100

export type Table = ReturnType<typeof createTable>

export function createTable(dynamo: DynamoDBClient, TableName: string) {
  const client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } })

  async function batch(keys: Key[], fields?: string[]): Promise<Item[]> {
    const items: Item[] = []
    const wanted = { ConsistentRead: true, ...projection(fields) }
    for (let rest = keys; rest.length > 0; ) {
      const Keys = rest.slice(0, MOST_IN_BATCH)
      const answer = await client.send(
        new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ...wanted } } }),
      )
      items.push(...((answer.Responses?.[TableName] ?? []) as Item[]))
      const unread = (answer.UnprocessedKeys?.[TableName]?.Keys ?? []) as Key[]
      rest = [...unread, ...rest.slice(MOST_IN_BATCH)]
    }
    return items
  }

  return {
    /** Read consistently; `undefined` when there is none. */
    async item(key: Key): Promise<Item | undefined> {
      const { Item } = await client.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }))
      return Item as Item | undefined
    },

    /** Those of the items that exist, read consistently, in the order of their keys; `fields`: of each only these. */
    async items(keys: Key[], fields?: string[]): Promise<Item[]> {
      const found = new Map((await batch(keys, fields)).map(item => [`${item.pk} ${item.sk}`, item]))
      return keys.flatMap(({ pk, sk }) => found.get(`${pk} ${sk}`) ?? [])
    },

    /** False when `when` did not hold: nothing was written. */
    async put(item: Item, when?: Condition[]): Promise<boolean> {
      const e = expression()
      const input = { TableName, Item: item, ...conditions(when, e), ...filled(e) }
      return (await made(client.send(new PutCommand(input)))) !== null
    },

    /** The item after the change; `null` when `when` did not hold: nothing was written. */
    async change(Key: Key, change: Change): Promise<Item | null> {
      const e = expression()
      const input = {
        TableName,
        Key,
        UpdateExpression: updateText(change, e),
        ...conditions(change.when, e),
        ...filled(e),
        ReturnValues: 'ALL_NEW' as const,
      }
      const answer = await made(client.send(new UpdateCommand(input)))
      return answer === null ? null : (answer.Attributes as Item)
    },

    /** False when `when` did not hold: nothing was deleted. */
    async remove(Key: Key, when?: Condition[]): Promise<boolean> {
      const e = expression()
      return (
        (await made(
          client.send(new DeleteCommand({ TableName, Key, ...conditions(when, e), ...filled(e) })),
        )) !== null
      )
    },

    /** One page of a query, and where the next one starts. */
    async query(options: QueryOptions): Promise<Page<Item>> {
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
