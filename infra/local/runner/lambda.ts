/** What Lambda gives a function that it calls. */
import { randomUUID } from 'node:crypto'
import type {
  APIGatewayProxyEventV2WithLambdaAuthorizer,
  Context,
  ScheduledEvent,
  SQSEvent,
} from 'aws-lambda'
import type { Caller } from '../../../lib/http/access/role.ts'
import type { FunctionName, FunctionSettings } from '../templates.ts'

/** The functions of the line, as Lambda would call them. */
export interface Handlers {
  tick(event: ScheduledEvent, context: Context): Promise<unknown>
  plan(event: SQSEvent, context: Context): Promise<unknown>
  stop(event: SQSEvent, context: Context): Promise<unknown>
  follow(event: SQSEvent, context: Context): Promise<unknown>
  notify(event: SQSEvent, context: Context): Promise<unknown>
  http(event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>, context: Context): Promise<unknown>
}

/** Something a handler threw, or could not do: told, never thrown on. */
export type Trouble = (where: string, error: unknown) => void

/** The second argument of a handler. Its time is counted by a clock that no test sets. */
export function lambdaContext(name: FunctionName, settings: FunctionSettings): Context {
  const endsAt = performance.now() + settings.timeoutSeconds * 1000
  return {
    functionName: `curfew-local-${name}`,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:curfew-local-${name}`,
    memoryLimitInMB: '1024',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/curfew-local-${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  }
}

/** What EventBridge Scheduler sends a target that was given no input of its own. */
export function tickEvent(atMs: number): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: '000000000000',
    time: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
    region: 'us-east-1',
    resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/default/curfew-local-Timer'],
    detail: {},
  }
}
