import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { createEvents, type Publish } from '../../lib/aws/events.ts'
import type { Run } from '../../lib/core/model/run.ts'
import { RUN_ENDED, RunEnded, runEnded } from '../../lib/core/notify/events.ts'
import { aRun, at, START } from '../makers.ts'
import { type Aws, startAws } from './wire.ts'

let aws: Aws
let client: EventBridgeClient
let tell: Publish
beforeEach(async () => {
  aws = await startAws()
  client = new EventBridgeClient({ endpoint: aws.endpoint, ...LOCAL_AWS, maxAttempts: 1 })
  tell = createEvents(client, 'ops')
})
afterEach(async () => {
  client.destroy()
  await aws.close()
})

const announcement = (id: string, overrides: Partial<Run> = {}) => {
  const run = aRun({ id, status: 'succeeded', endedAt: at(START), ...overrides })
  const detail = runEnded(run, 'curfew-dev')
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

describe('more events than one call takes are put in several', () => {
  const ids = Array.from({ length: 23 }, (_, number) => `a.${number}`)
  const told = () => aws.events.map(({ detail }) => RunEnded.parse(detail).run.id)

  test('by their number', async () => {
    await tell(ids.map(id => announcement(id)))
    expect(told()).toEqual(ids)
  })

  test('by their size', async () => {
    const codes = Object.fromEntries(
      Array.from({ length: 500 }, (_, number) => [`${'机'.repeat(20)}/${number}`, 1]),
    )
    await tell(ids.map(id => announcement(id, { codes })))
    expect(told()).toEqual(ids)
  })
})
