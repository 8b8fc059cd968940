'use strict'
const { issuerOf, addIssuer } = require('./issuer.cjs')

const IN_VPC = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in.
const FUNCTIONS = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*'

/**
 * A plugin of osls: gives each function its network, each role its boundary, and the API its authorizer of tokens, where
 * parameters ask for them. Refuses what cannot be meant.
 */
module.exports = class Options {
  constructor(serverless) {
    const { service, classes } = serverless
    const refuse = message => {
      throw new classes.Error(message)
    }
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        const { Parameters, Resources } = service.provider.compiledCloudFormationTemplate
        const ofType = type => Object.values(Resources).filter(({ Type }) => Type === type)
        checkTold(service.custom, refuse)
        // A parameter of CloudFormation's is a text.
        Parameters.Figures.Default = String(service.custom.figures)
        const network = networkOf(service.custom, refuse)
        const boundary = boundaryOf(service.custom, refuse)
        const issuer = issuerOf(service.custom, refuse)
        for (const { Properties } of network ? ofType('AWS::Lambda::Function') : [])
          Properties.VpcConfig = network
        for (const { Properties } of ofType('AWS::IAM::Role')) {
          if (network && isLambdas(Properties)) Properties.Policies.push(networkPolicy())
          if (boundary) Properties.PermissionsBoundary = boundary
        }
        if (issuer) addIssuer(Resources, issuer)
      },
    }
  }
}

/** A stack that tells nobody of its alarms is worse than none. */
function checkTold({ eventBusName, figures }, refuse) {
  if (!/^[\w./-]{1,256}$/.test(eventBusName))
    refuse(
      `eventBusName: expected the name of an event bus, for alarms are told by it, got "${eventBusName}"`,
    )
  if (!/^(true|false)$/.test(figures)) refuse(`figures: expected true or false, got "${figures}"`)
}

/** `null`: none. */
function networkOf({ vpcSubnetIds, vpcSecurityGroupIds }, refuse) {
  const ids = (name, text, prefix) => {
    const given = String(text)
      .split(',')
      .map(id => id.trim())
      .filter(Boolean)
    const wrong = given.find(id => !new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(id))
    return wrong === undefined
      ? given
      : refuse(`${name}: expected ids such as ${prefix}-0a1b2c3d, separated by commas, got "${wrong}"`)
  }
  const SubnetIds = ids('vpcSubnetIds', vpcSubnetIds, 'subnet')
  const SecurityGroupIds = ids('vpcSecurityGroupIds', vpcSecurityGroupIds, 'sg')
  if ((SubnetIds.length === 0) !== (SecurityGroupIds.length === 0))
    refuse(
      'vpcSubnetIds and vpcSecurityGroupIds: expected both or neither, ' +
        `got "${vpcSubnetIds}" and "${vpcSecurityGroupIds}"`,
    )
  return SubnetIds.length === 0 ? null : { SubnetIds, SecurityGroupIds }
}

/** `null`: none. */
function boundaryOf({ permissionsBoundary: name }, refuse) {
  if (name === '') return null
  if (/^arn:[\w-]+:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/.test(name)) return name
  if (/^[\w+=,.@-]{1,128}$/.test(name))
    return { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:policy/${name}` }
  return refuse(`permissionsBoundary: expected the name or the ARN of a managed policy, got "${name}"`)
}

const isLambdas = ({ AssumeRolePolicyDocument }) =>
  AssumeRolePolicyDocument.Statement.some(({ Principal }) => Principal.Service === 'lambda.amazonaws.com')

/** Lambda keeps the network interfaces in the name of the role; the function's own code may not touch them. */
function networkPolicy() {
  const statement = { Action: IN_VPC, Resource: '*' }
  const Condition = { ArnLike: { 'lambda:SourceFunctionArn': { 'Fn::Sub': FUNCTIONS } } }
  const Statement = [
    { Effect: 'Allow', ...statement },
    { Effect: 'Deny', ...statement, Condition },
  ]
  return { PolicyName: 'network', PolicyDocument: { Version: '2012-10-17', Statement } }
}
