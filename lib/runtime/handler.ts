/** The edge: what Lambda hands in becomes messages for a step, and what a step settles becomes Lambda's answer. */
import middy from '@middy/core'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod'
import { errorFields, type Log } from './log.ts'

/** What a step knows of the function it runs in. */
export interface Invocation {
  /** ms until the function is ended. */
  timeLeftMs: () => number
  /** When the timer meant it to be called, ms since the epoch. */
  scheduledAt?: number
}
type Work<S> = (services: S, invocation: Invocation) => Promise<void>
/** Settles each message on its own: a rejected one is delivered again. */
export type BatchWork<M, S> = (
  messages: M[],
  services: S,
  invocation: Invocation,
) => Promise<PromiseSettledResult<unknown>[]>

/** What EventBridge Scheduler says of a call that was given no input of its own. */
const Scheduled = z.object({ time: z.iso.datetime() })

const invocationOf = (context: Context, event?: unknown): Invocation => {
  const { data } = Scheduled.safeParse(event)
  return {
    timeLeftMs: () => context.getRemainingTimeInMillis(),
    ...(data ? { scheduledAt: Date.parse(data.time) } : {}),
  }
}

/** Each message by itself. */
export const each =
  <M, S>(step: (message: M, services: S, invocation: Invocation) => Promise<void>): BatchWork<M, S> =>
  (messages, services, one) =>
    Promise.allSettled(messages.map(message => step(message, services, one)))

/** A handler for the timer. */
export const timerHandler = <S>(work: Work<S>, services: () => S) =>
  middy(async (event: unknown, context: Context) => work(services(), invocationOf(context, event)))

interface Parsed<M> {
  record: SQSRecord
  message: M
}

/** A handler for a queue: a record that cannot be read fails alone, and ends among the dead letters. */
export const queueHandler = <M, S extends { log: Log }>(
  schema: z.ZodType<M>,
  work: BatchWork<M, S>,
  services: () => S,
) =>
  middy(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const { log } = services()
    const failed: SQSRecord[] = []
    const parsed: Parsed<M>[] = []
    for (const record of event.Records) {
      const message = readMessage(schema, record)
      if (message.success) parsed.push({ record, message: message.data })
      else {
        failed.push(record)
        log.error('a message cannot be read', {
          messageId: record.messageId,
          expected: message.error.message,
        })
      }
    }
    const results = await work(
      parsed.map(({ message }) => message),
      services(),
      invocationOf(context),
    )
    results.forEach((result, index) => {
      if (result.status === 'fulfilled') return
      failed.push(parsed[index]!.record)
      log.error('a message failed and will be delivered again', {
        ...parsed[index]!.message,
        ...errorFields(result.reason),
      })
    })
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
  })

function readMessage<M>(schema: z.ZodType<M>, record: SQSRecord): z.ZodSafeParseResult<M> {
  try {
    return schema.safeParse(JSON.parse(record.body))
  } catch {
    return schema.safeParse(record.body)
  }
}
