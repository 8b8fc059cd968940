/**
 * What CloudFormation itself calls, in the name of whoever deploys: for each resource type, what its registry schema lists for
 * `create`, `read`, `update`, `delete` and `tagging`, less what belongs to properties that this template does not use (keys,
 * layers, streams, imports and the like). A role, a queue and so on stand for all of their kind.
 */
const HERE = 'eu-central-1:123456789012'

/** By ARN: the actions on it, each with the service's prefix. */
export type Needs = Record<string, string[]>

const of = (service: string, names: string): string[] => names.split(' ').map(name => `${service}:${name}`)

const ROLE = 'arn:aws:iam::123456789012:role/curfew-prod-TickRole-1A2B3C'
const FUNCTION = `arn:aws:lambda:${HERE}:function:curfew-prod-tick`
const MAPPING = `arn:aws:lambda:${HERE}:event-source-mapping:91eaeb7e-c976-1234-9451-8709db01f137`
const API = 'arn:aws:apigateway:eu-central-1::/apis/a1b2c3'
const TAGS = 'arn:aws:apigateway:eu-central-1::/tags/arn%3Aaws%3Aapigateway'
const BUCKET = 'arn:aws:s3:::curfew-prod-serverlessdeploymentbucket-1a2b3c'
const QUEUE = `arn:aws:sqs:${HERE}:curfew-prod-PlanQueue-1A2B3C`
const TOPIC = `arn:aws:sns:${HERE}:curfew-prod-AlarmTopic-1A2B3C`
const LOGS = `arn:aws:logs:${HERE}:log-group:/aws/lambda/curfew-prod-tick`
const API_LOGS = `arn:aws:logs:${HERE}:log-group:/aws/http-api/curfew-prod`
const ALARM = `arn:aws:cloudwatch:${HERE}:alarm:curfew-prod-TickSilentAlarm-1A2B3C`
const RULE = `arn:aws:events:${HERE}:rule/curfew-prod-RunFailedRule-1A2B3C`
const BUS_RULE = `arn:aws:events:${HERE}:rule/ops/curfew-prod-RunFailedRule-1A2B3C`
const DASHBOARD = 'arn:aws:cloudwatch::123456789012:dashboard/curfew-prod'
const TABLE = `arn:aws:dynamodb:${HERE}:table/curfew-prod`
const SCHEDULE = `arn:aws:scheduler:${HERE}:schedule/default/curfew-prod-Timer-1A2B3C`
const STACK = `arn:aws:cloudformation:${HERE}:stack/curfew-prod/1a2b3c`
const CHANGE_SET = `arn:aws:cloudformation:${HERE}:changeSet/curfew-prod-change-set/1a2b3c`

const group = 'CreateLogGroup DeleteLogGroup PutRetentionPolicy'
const groupTags = 'TagResource UntagResource ListTagsForResource'

const rule = of(
  'events',
  'PutRule DescribeRule DeleteRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource ListTagsForResource',
)

export const HANDLERS: Record<string, Needs> = {
  'AWS::ApiGatewayV2::Api': {
    'arn:aws:apigateway:eu-central-1::/apis': of('apigateway', 'POST'),
    [API]: of('apigateway', 'GET PATCH PUT DELETE TagResource UntagResource'),
    [TAGS]: of('apigateway', 'GET PUT POST DELETE'),
  },
  'AWS::ApiGatewayV2::Authorizer': {
    [`${API}/authorizers/x`]: of('apigateway', 'GET POST PATCH PUT DELETE'),
  },
  'AWS::ApiGatewayV2::Integration': {
    [`${API}/integrations/x`]: of('apigateway', 'GET POST PATCH PUT DELETE'),
  },
  'AWS::ApiGatewayV2::Route': { [`${API}/routes/x`]: of('apigateway', 'GET POST PATCH PUT DELETE') },
  'AWS::ApiGatewayV2::Stage': {
    [`${API}/stages/x`]: of('apigateway', 'GET POST PATCH DELETE TagResource UntagResource'),
    // API Gateway developer guide, "Configure logging for HTTP APIs": these have no narrower resource.
    '*': of(
      'logs',
      'CreateLogDelivery GetLogDelivery ListLogDeliveries UpdateLogDelivery DeleteLogDelivery DescribeLogGroups DescribeResourcePolicies PutResourcePolicy',
    ),
  },
  'AWS::CloudWatch::Alarm': {
    [ALARM]: of(
      'cloudwatch',
      'PutMetricAlarm DescribeAlarms DeleteAlarms TagResource UntagResource ListTagsForResource',
    ),
  },
  'AWS::CloudWatch::Dashboard': {
    [DASHBOARD]: of(
      'cloudwatch',
      'PutDashboard GetDashboard DeleteDashboards TagResource UntagResource ListTagsForResource',
    ),
  },
  // No DeleteTable: the table is retained.
  'AWS::DynamoDB::Table': {
    [TABLE]: of(
      'dynamodb',
      'CreateTable DescribeTable UpdateTable DescribeContinuousBackups UpdateContinuousBackups DescribeTimeToLive UpdateTimeToLive DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy TagResource UntagResource ListTagsOfResource',
    ),
  },
  'AWS::Events::Rule': { [RULE]: rule, [BUS_RULE]: rule, [ROLE]: ['iam:PassRole'] },
  'AWS::IAM::Role': {
    [ROLE]: of(
      'iam',
      'CreateRole GetRole DeleteRole PutRolePermissionsBoundary PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies ListAttachedRolePolicies UpdateAssumeRolePolicy TagRole UntagRole ListRoleTags',
    ),
  },
  'AWS::Lambda::EventInvokeConfig': {
    [`${FUNCTION}:$LATEST`]: of(
      'lambda',
      'PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
    ),
  },
  'AWS::Lambda::EventSourceMapping': {
    [MAPPING]: of(
      'lambda',
      'CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping TagResource UntagResource ListTags',
    ),
  },
  'AWS::Lambda::Function': {
    [FUNCTION]: of(
      'lambda',
      'CreateFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction GetFunctionCodeSigningConfig GetRuntimeManagementConfig GetFunctionScalingConfig PutFunctionRecursionConfig GetFunctionRecursionConfig TagResource UntagResource ListTags',
    ),
    [ROLE]: ['iam:PassRole'],
    [`${BUCKET}/serverless/curfew/prod/x/tick.zip`]: of('s3', 'GetObject'),
    // In a VPC; these have no narrower resource.
    '*': of(
      'ec2',
      'DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs GetSecurityGroupsForVpc',
    ),
  },
  'AWS::Lambda::Permission': { [FUNCTION]: of('lambda', 'AddPermission GetPolicy RemovePermission') },
  'AWS::Logs::LogGroup': {
    [LOGS]: of('logs', `${group} GetDataProtectionPolicy ${groupTags}`),
    [API_LOGS]: of('logs', `${group} GetDataProtectionPolicy ${groupTags}`),
    '*': of('logs', 'DescribeLogGroups DescribeIndexPolicies DescribeResourcePolicies'),
  },
  'AWS::S3::Bucket': {
    [BUCKET]: of(
      's3',
      'CreateBucket DeleteBucket ListBucket PutEncryptionConfiguration GetEncryptionConfiguration PutBucketPublicAccessBlock GetBucketPublicAccessBlock PutBucketTagging GetBucketTagging TagResource UntagResource ListTagsForResource GetAccelerateConfiguration GetLifecycleConfiguration GetReplicationConfiguration GetBucketVersioning GetBucketOwnershipControls',
    ),
  },
  'AWS::S3::BucketPolicy': { [BUCKET]: of('s3', 'GetBucketPolicy PutBucketPolicy DeleteBucketPolicy') },
  'AWS::SNS::Subscription': { [TOPIC]: of('sns', 'Subscribe GetSubscriptionAttributes Unsubscribe') },
  'AWS::SNS::Topic': {
    [TOPIC]: of(
      'sns',
      'CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic ListSubscriptionsByTopic GetDataProtectionPolicy TagResource UntagResource ListTagsForResource',
    ),
  },
  'AWS::SNS::TopicPolicy': { [TOPIC]: of('sns', 'SetTopicAttributes') },
  'AWS::SQS::Queue': {
    [QUEUE]: of(
      'sqs',
      'CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes DeleteQueue TagQueue UntagQueue ListQueueTags',
    ),
  },
  'AWS::SQS::QueuePolicy': { [QUEUE]: of('sqs', 'SetQueueAttributes') },
  'AWS::Scheduler::Schedule': {
    [SCHEDULE]: of('scheduler', 'CreateSchedule GetSchedule UpdateSchedule DeleteSchedule'),
    [ROLE]: ['iam:PassRole'],
  },
}

/** What osls itself calls to deploy, list, roll back and remove (its `lib/plugins/aws`). */
export const OSLS: Needs = {
  [STACK]: of(
    'cloudformation',
    'CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet CreateStack UpdateStack DeleteStack DescribeStacks DescribeStackEvents DescribeStackResource DescribeStackResources ListStackResources GetTemplate UpdateTerminationProtection TagResource',
  ),
  [CHANGE_SET]: of('cloudformation', 'TagResource'),
  '*': of('cloudformation', 'ValidateTemplate ListExports'),
  [BUCKET]: of('s3', 'ListBucket ListBucketVersions GetBucketLocation'),
  [`${BUCKET}/serverless/curfew/prod/x/tick.zip`]: of(
    's3',
    'PutObject GetObject DeleteObject DeleteObjectVersion',
  ),
  [FUNCTION]: of('lambda', 'GetFunction ListVersionsByFunction'),
}
