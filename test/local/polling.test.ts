import { expect, test } from 'vitest'
import { functionSettings } from '../../infra/local/templates.ts'
import { aRunner, bodies } from './runners.ts'

test('once started it ticks at once, works on messages as they come, and ends what is under way before it closes', async () => {
  const told = Promise.withResolvers<string[]>()
  const begun = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const ticked = Promise.withResolvers<string>()
  let finished = false
  const { runner, send } = await aRunner({
    tick: async ({ source }) => ticked.resolve(source),
    plan: async event => told.resolve(bodies(event)),
    stop: async () => {
      begun.resolve()
      await finish.promise
      finished = true
    },
  })
  runner.start()
  expect(await ticked.promise).toBe('aws.scheduler')
  await send('plan', 'now')
  expect(await told.promise).toEqual(['now'])
  await send('stop', 'slow')
  await begun.promise
  const closed = runner.close()
  finish.resolve()
  await closed
  expect(finished).toBe(true)
})

test('a queue never has more calls under way than the deployment allows', async () => {
  const { concurrency } = functionSettings().stop
  const full = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  let [underWay, most, worked] = [0, 0, 0]
  const done = Promise.withResolvers<void>()
  const { runner, queues, send } = await aRunner({
    stop: async () => {
      underWay += 1
      most = Math.max(most, underWay)
      if (underWay === concurrency) full.resolve()
      await finish.promise
      underWay -= 1
      worked += 1
      if (worked === concurrency + 5) done.resolve()
    },
  })
  await send('stop', ...Array.from({ length: concurrency + 5 }, (_, n) => String(n)))
  runner.start()
  await full.promise
  expect(queues.inspect('stop').visible).toHaveLength(5)
  finish.resolve()
  await done.promise
  expect(most).toBe(concurrency)
})

test('a call waits for messages that come within its queue’s window, as the deployment has it', async () => {
  expect(functionSettings().follow.windowSeconds).toBe(1)
  const told = Promise.withResolvers<string[]>()
  const { runner, queues, send } = await aRunner({ follow: async event => told.resolve(bodies(event)) })
  await send('follow', 'first')
  runner.start()
  await expect.poll(() => queues.inspect('follow').visible).toEqual([])
  await send('follow', 'second')
  expect(await told.promise).toEqual(['first', 'second'])
})
