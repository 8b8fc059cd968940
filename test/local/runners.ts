import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { onTestFinished } from 'vitest'
import { LOCAL_AWS } from '../../infra/local/emulators/local-aws.ts'
import { type Queues, startQueues } from '../../infra/local/emulators/queues.ts'
import { createRunner, type Handlers, type RunnerOptions } from '../../infra/local/runner/runner.ts'
import type { QueuedStep } from '../../infra/local/templates.ts'

const nothing = async () => undefined
const someHandlers = (overrides: Partial<Handlers>): Handlers => ({
  tick: nothing,
  plan: nothing,
  stop: nothing,
  follow: nothing,
  notify: nothing,
  http: nothing,
  ...overrides,
})

/** A runner over queues of its own, its functions doing nothing but what is given. */
export async function aRunner(handlers: Partial<Handlers>, options: Partial<RunnerOptions> = {}) {
  const queues = await startQueues({ folder: null })
  const troubles: string[] = []
  const trouble = (where: string, error: unknown) => void troubles.push(`${where}: ${error}`)
  const runner = createRunner({ handlers: someHandlers(handlers), queues, trouble, ...options })
  onTestFinished(async () => {
    await runner.close()
    await queues.close()
  })
  return { runner, queues, troubles, send: sender(queues) }
}

function sender({ endpoint, urls }: Queues) {
  const client = new SQSClient({ endpoint, ...LOCAL_AWS })
  onTestFinished(() => client.destroy())
  return async (step: QueuedStep, ...bodies: string[]) => {
    for (const MessageBody of bodies)
      await client.send(new SendMessageCommand({ QueueUrl: urls[step], MessageBody }))
  }
}

export const bodies = ({ Records }: SQSEvent) => Records.map(({ body }) => body)
