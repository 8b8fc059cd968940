'use strict'

const AUTHORIZER = 'HttpApiAuthorizerConsole'

/** The OIDC issuer that people log in to the console with; `null`: none. */
function issuerOf({ consoleIssuer: issuer, consoleClientId: clientId }, refuse) {
  if ((issuer === '') !== (clientId === ''))
    refuse(`consoleIssuer and consoleClientId: expected both or neither, got "${issuer}" and "${clientId}"`)
  if (issuer === '') return null
  if (!/^https:\/\/[\w.-]+(:\d+)?(\/[\w./~-]*)?$/.test(issuer))
    refuse(`consoleIssuer: expected the issuer's https URL, without query and fragment, got "${issuer}"`)
  if (!/^[\x21-\x7e]+$/.test(clientId))
    refuse(`consoleClientId: expected the id of a client at the issuer, got "${clientId}"`)
  return { issuer, clientId }
}

/**
 * Lets in by a token of the issuer: the same function, below a path of its own, since a route has one authorizer.
 * Whose token it was stands in the access log.
 */
function addIssuer(Resources, { issuer, clientId }) {
  const { ApiId, Target } = Resources.HttpApiRouteAnyV1PathVar.Properties
  Resources[AUTHORIZER] = {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId,
      Name: 'console',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: issuer, Audience: [clientId] },
    },
  }
  Resources.HttpApiRouteAnyConsoleV1PathVar = {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ...{ ApiId, Target, RouteKey: 'ANY /console/v1/{path+}' },
      ...{ AuthorizationType: 'JWT', AuthorizerId: { Ref: AUTHORIZER } },
    },
    DependsOn: 'HttpApiIntegrationHttp',
  }
  const log = Resources.HttpApiStage.Properties.AccessLogSettings
  log.Format = log.Format.replace(/^\{/, '{"subject":"$context.authorizer.claims.sub",')
}

module.exports = { issuerOf, addIssuer }
