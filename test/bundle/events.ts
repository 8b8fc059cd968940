/** Events as AWS documents them, with what is Curfew's own in their places. */

/** EventBridge Scheduler to a target without input of its own (user guide, "Templated targets"; `detail` is a text there). */
export const schedulerEvent = (time: string) => ({
  version: '0',
  id: '89d1a02d-5ec7-412e-82f5-13505f849b41',
  'detail-type': 'Scheduled Event',
  source: 'aws.scheduler',
  account: '123456789012',
  time,
  region: 'eu-west-1',
  resources: ['arn:aws:scheduler:eu-west-1:123456789012:schedule/default/curfew-prod-Timer'],
  detail: '{}',
})

/** SQS to a function, a record for each body (Lambda developer guide, "Using Lambda with Amazon SQS"). */
export const sqsEvent = (queue: string, ...bodies: string[]) => ({
  Records: bodies.map((body, number) => ({
    messageId: `059f36b4-87a3-44ab-83d2-66197597${number}`,
    receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1545082649183',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1545082649185',
    },
    messageAttributes: {},
    md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:${queue}`,
    awsRegion: 'eu-west-1',
  })),
})

interface HttpRequest {
  method: string
  path: string
  body?: object
  /** Who signed the request; absent on an open route. */
  userArn?: string
}

/** API Gateway's HTTP API, payload 2.0 (developer guide, "Create AWS Lambda proxy integrations for HTTP APIs"). */
export const httpEvent = ({ method, path, body, userArn }: HttpRequest) => ({
  version: '2.0',
  routeKey: userArn ? 'ANY /v1/{path+}' : `${method} ${path}`,
  rawPath: path.split('?')[0]!,
  rawQueryString: path.split('?')[1] ?? '',
  headers: {
    accept: '*/*',
    'content-length': '0',
    ...(body ? { 'content-type': 'application/json' } : {}),
    host: 'id.execute-api.eu-west-1.amazonaws.com',
    'user-agent': 'curl/8.5.0',
    'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  },
  requestContext: {
    accountId: '123456789012',
    apiId: 'id',
    ...(userArn ? { authorizer: { iam: iam(userArn) } } : {}),
    domainName: 'id.execute-api.eu-west-1.amazonaws.com',
    domainPrefix: 'id',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl/8.5.0' },
    requestId: 'JKJaXmPLvHcESHA=',
    routeKey: userArn ? 'ANY /v1/{path+}' : `${method} ${path}`,
    stage: '$default',
    time: '21/Nov/2026:12:00:00 +0000',
    timeEpoch: 1795262400000,
  },
  ...(body ? { body: JSON.stringify(body) } : {}),
  ...(userArn ? { pathParameters: { path: path.replace('/v1/', '') } } : {}),
  isBase64Encoded: false,
})

const iam = (userArn: string) => ({
  accessKey: 'ASIAIOSFODNN7EXAMPLE',
  accountId: '123456789012',
  callerId: 'AROAEXAMPLE:ada',
  cognitoIdentity: null,
  principalOrgId: 'o-example',
  userArn,
  userId: 'AROAEXAMPLE:ada',
})
