import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/table.ts'
import { createEvents, type Tell } from '../../lib/aws/events.ts'
import { RUN_ENDED, runEnded } from '../../lib/core/announce.ts'
import { aRun, at, START } from '../makers.ts'
import { type Aws, startAws } from './wire.ts'

let aws: Aws
let client: EventBridgeClient
let tell: Tell
beforeEach(async () => {
  aws = await startAws()
  client = new EventBridgeClient({ endpoint: aws.endpoint, ...LOCAL_AWS, maxAttempts: 1 })
  tell = createEvents(client, 'ops')
})
afterEach(async () => {
  client.destroy()
  await aws.close()
})

const announcement = (id: string) => {
  const detail = runEnded(aRun({ id, status: 'succeeded', endedAt: at(START) }), 'curfew-dev')
  return { detailType: RUN_ENDED, detail, at: at(START) } as const
}

describe('an event', () => {
  test('is put on the bus in the name of Curfew, at the time of what it tells', async () => {
    const one = announcement('a.1')
    await tell([one])
    expect(aws.events).toEqual([
      {
        bus: 'ops',
        source: 'curfew',
        detailType: 'Curfew Run Ended',
        time: START / 1000,
        detail: one.detail,
      },
    ])
  })

  test('that the bus does not take is an error that says why', async () => {
    aws.refuse = () => 'entries'
    await expect(tell([announcement('a.1')])).rejects.toThrow(
      'event bus ops did not take 1 events: ThrottlingException slow down',
    )
  })

  test('that cannot be put at all is an error', async () => {
    aws.refuse = () => ({ status: 400, type: 'AccessDeniedException' })
    await expect(tell([announcement('a.1')])).rejects.toThrow('event bus ops did not take 1 events: refused')
  })
})

test('more events than one call takes are put in several', async () => {
  await tell(Array.from({ length: 23 }, (_, number) => announcement(`a.${number}`)))
  expect(aws.events).toHaveLength(23)
})
