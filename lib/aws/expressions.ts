/** Writes conditions, changes and queries as DynamoDB's expressions, with names and values apart. */
/** What must hold for a change to be made; `path` names an attribute, or one inside a map with dots. */
export type WriteCondition =
  | { path: string; is: unknown }
  | { path: string; absent: true }
  | { path: string; present: true }
  /** Whatever else it may be. */
  | { path: string; noText: true }
  | { path: string; lacks: unknown }
  | { path: string; atMost: unknown }

export interface ItemChange {
  set?: Record<string, unknown>
  /** Set only where there is nothing yet. */
  setOnce?: Record<string, unknown>
  plus?: Record<string, number>
  add?: Record<string, Set<number>>
  remove?: string[]
  when?: WriteCondition[]
}

interface Expression {
  name(path: string): string
  value(value: unknown): string
  names: Record<string, string>
  values: Record<string, unknown>
}

export function newExpression(): Expression {
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

function conditionText(condition: WriteCondition, { name, value }: Expression): string {
  const path = name(condition.path)
  if ('absent' in condition) return `attribute_not_exists(${path})`
  if ('present' in condition) return `attribute_exists(${path})`
  if ('noText' in condition) return `NOT attribute_type(${path}, ${value('S')})`
  if ('lacks' in condition)
    return `(attribute_not_exists(${path}) OR NOT contains(${path}, ${value(condition.lacks)}))`
  if ('atMost' in condition) return `(attribute_not_exists(${path}) OR ${path} <= ${value(condition.atMost)})`
  return `${path} = ${value(condition.is)}`
}

export const conditionExpression = (
  when: WriteCondition[] | undefined,
  e: Expression,
): { ConditionExpression?: string } =>
  when?.length ? { ConditionExpression: when.map(one => conditionText(one, e)).join(' AND ') } : {}

/** The parts of a request that names and values of an expression fill; absent where there are none. */
export const expressionAttributes = ({ names, values }: Expression) => ({
  ...(Object.keys(names).length ? { ExpressionAttributeNames: names } : {}),
  ...(Object.keys(values).length ? { ExpressionAttributeValues: values } : {}),
})

export function updateText(change: ItemChange, e: Expression): string {
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

export interface QueryOptions {
  index?: string
  hash: [name: string, value: string]
  /** Bounds of the range key, both inclusive; `prefix` instead of both. */
  range?: { name: string; prefix?: string; from?: string; to?: string }
  newestFirst?: boolean
  most?: number
  after?: Record<string, unknown>
}

function rangeText(range: NonNullable<QueryOptions['range']>, { name, value }: Expression): string {
  const path = name(range.name)
  if (range.prefix !== undefined) return `begins_with(${path}, ${value(range.prefix)})`
  if (range.from === undefined) return `${path} <= ${value(range.to)}`
  if (range.to === undefined) return `${path} >= ${value(range.from)}`
  return `${path} BETWEEN ${value(range.from)} AND ${value(range.to)}`
}

export function queryInput(options: QueryOptions) {
  const e = newExpression()
  const hash = `${e.name(options.hash[0])} = ${e.value(options.hash[1])}`
  const key = options.range ? `${hash} AND ${rangeText(options.range, e)}` : hash
  return {
    IndexName: options.index,
    KeyConditionExpression: key,
    ...expressionAttributes(e),
    ConsistentRead: options.index === undefined,
    ScanIndexForward: !options.newestFirst,
    Limit: options.most,
    ExclusiveStartKey: options.after,
  }
}

/** The keys and these fields; everything where none are named. */
export function projectionOf(fields?: string[]) {
  if (fields === undefined) return {}
  const e = newExpression()
  const ProjectionExpression = ['pk', 'sk', ...fields].map(e.name).join(', ')
  return { ProjectionExpression, ExpressionAttributeNames: e.names }
}
