/** The parts of a stack as moto's services show them, each in the words of its CloudFormation type. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import { GetRoleCommand, GetRolePolicyCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { GetEventSourceMappingCommand, GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  GetBucketEncryptionCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'

interface Part {
  type: string
  physicalId: string
}
type Properties = Record<string, unknown>
interface Options {
  region: string
  endpoint: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}

export function createParts(options: Options) {
  const dynamo = new DynamoDBClient(options)
  const iam = new IAMClient(options)
  const lambda = new LambdaClient(options)
  const s3 = new S3Client({ ...options, forcePathStyle: true })
  const sqs = new SQSClient(options)
  const account = `${options.region}:123456789012`

  async function table(TableName: string): Promise<Properties> {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }))
    const { TimeToLiveDescription } = await dynamo.send(new DescribeTimeToLiveCommand({ TableName }))
    const backups = await dynamo.send(new DescribeContinuousBackupsCommand({ TableName }))
    const recovery = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription
    return {
      TableName: Table?.TableName,
      BillingMode: Table?.BillingModeSummary?.BillingMode,
      KeySchema: Table?.KeySchema,
      AttributeDefinitions: Table?.AttributeDefinitions,
      GlobalSecondaryIndexes: Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
      TimeToLiveSpecification: {
        AttributeName: TimeToLiveDescription?.AttributeName,
        Enabled: TimeToLiveDescription?.TimeToLiveStatus === 'ENABLED',
      },
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: recovery?.PointInTimeRecoveryStatus === 'ENABLED',
      },
      SSESpecification: { SSEEnabled: Table?.SSEDescription?.Status === 'ENABLED' },
      DeletionProtectionEnabled: Table?.DeletionProtectionEnabled,
    }
  }

  async function queue(QueueUrl: string): Promise<Properties> {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })
    const { Attributes = {} } = await sqs.send(command)
    return {
      VisibilityTimeout: Number(Attributes.VisibilityTimeout),
      MessageRetentionPeriod: Number(Attributes.MessageRetentionPeriod),
      SqsManagedSseEnabled: Attributes.SqsManagedSseEnabled === 'true',
      RedrivePolicy: JSON.parse(Attributes.RedrivePolicy ?? 'null'),
    }
  }

  async function lambdaFunction(FunctionName: string): Promise<Properties> {
    const { Configuration = {}, Tags } = await lambda.send(new GetFunctionCommand({ FunctionName }))
    return { ...Configuration, Tags }
  }

  async function mapping(UUID: string): Promise<Properties> {
    const { FunctionArn, State, ...found } = await lambda.send(new GetEventSourceMappingCommand({ UUID }))
    return { ...found, FunctionName: FunctionArn, Enabled: State === 'Enabled' }
  }

  async function role(RoleName: string): Promise<Properties> {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }))
    // A policy that came by CloudFormation is shown as Python writes it.
    const document = (text = '') => JSON.parse(decodeURIComponent(text).replaceAll("'", '"'))
    const Policies = PolicyNames.map(async PolicyName => {
      const found = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))
      return { PolicyName, PolicyDocument: document(found.PolicyDocument) }
    })
    return {
      AssumeRolePolicyDocument: document(Role?.AssumeRolePolicyDocument),
      Policies: await Promise.all(Policies),
      PermissionsBoundary: Role?.PermissionsBoundary?.PermissionsBoundaryArn,
    }
  }

  async function bucket(Bucket: string): Promise<Properties> {
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }))
    const { Rules = [] } = encryption.ServerSideEncryptionConfiguration ?? {}
    return {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: Rules.map(({ ApplyServerSideEncryptionByDefault: by }) => ({
          ServerSideEncryptionByDefault: { SSEAlgorithm: by?.SSEAlgorithm },
        })),
      },
    }
  }

  const READERS: Record<string, (physicalId: string) => Promise<Properties>> = {
    'AWS::DynamoDB::Table': table,
    'AWS::SQS::Queue': queue,
    'AWS::Lambda::Function': lambdaFunction,
    'AWS::Lambda::EventSourceMapping': mapping,
    'AWS::IAM::Role': role,
    'AWS::S3::Bucket': bucket,
  }
  const ARNS: Record<string, (physicalId: string) => string> = {
    'AWS::DynamoDB::Table': id => `arn:aws:dynamodb:${account}:table/${id}`,
    'AWS::SQS::Queue': id => `arn:aws:sqs:${account}:${id.split('/').at(-1)}`,
    'AWS::Lambda::Function': id => `arn:aws:lambda:${account}:function:${id}`,
    'AWS::IAM::Role': id => `arn:aws:iam::123456789012:role/${id}`,
    'AWS::Logs::LogGroup': id => `arn:aws:logs:${account}:log-group:${id}`,
  }

  return {
    arn: ({ type, physicalId }: Part): string => ARNS[type]?.(physicalId) ?? physicalId,
    /** `null` for a type that nobody reads here. */
    read: async ({ type, physicalId }: Part): Promise<Properties | null> =>
      READERS[type]?.(physicalId) ?? null,

    /** What lies in a bucket, by key. */
    async objects(Bucket: string): Promise<Map<string, Buffer>> {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }))
      const entries = Contents.map(async ({ Key = '' }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
        return [Key, Buffer.from((await Body?.transformToByteArray()) ?? [])] as const
      })
      return new Map(await Promise.all(entries))
    },
    tableExists: (TableName: string): Promise<boolean> =>
      dynamo.send(new DescribeTableCommand({ TableName })).then(
        () => true,
        () => false,
      ),
    close(): void {
      for (const client of [dynamo, iam, lambda, s3, sqs]) client.destroy()
    },
  }
}
