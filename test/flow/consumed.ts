/** What a table itself counts. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** The requests that are sent while something is done, by their names, and the units that they consume. */
export async function consumedBy(
  { dynamo }: { dynamo: DynamoDBClient },
  act: () => Promise<unknown>,
): Promise<{ units: number; requests: string[] }> {
  const consumed = { units: 0, requests: [] as string[] }
  const name = 'counts what is consumed'
  dynamo.middlewareStack.add(
    (next, { commandName = '' }) =>
      async args => {
        consumed.requests.push(commandName)
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } })
        const { ConsumedCapacity } = answer.output as {
          ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[]
        }
        for (const { CapacityUnits = 0 } of [ConsumedCapacity ?? []].flat()) consumed.units += CapacityUnits
        return answer
      },
    { step: 'initialize', name },
  )
  await act()
  dynamo.middlewareStack.remove(name)
  return consumed
}
