/** The measured process: the functions of BUNDLE, called over the channel to the parent. Ends on a message. */
import type { Context } from 'aws-lambda'
import { lambdaContext } from '../../infra/local/runner/lambda.ts'
import type { Called, Returned } from './calls.ts'

type Handler = (event: unknown, context: Context) => Promise<unknown>
const functions = (await import(process.env.BUNDLE ?? '')) as Record<string, Handler>

async function returned({ number, name, event, settings }: Called): Promise<Returned> {
  // A deployed bundle has a `handler`, the bundle of all of them one for each name.
  const handler = functions.handler ?? functions[name]
  try {
    return { number, answer: (await handler?.(event, lambdaContext(name, settings))) ?? null }
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

process.on('message', message => {
  if (message === 'end') process.exit(0)
  void returned(message as Called).then(answer => process.send?.(answer))
})
process.send?.('ready')
