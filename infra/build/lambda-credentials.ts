/**
 * Takes the place of `@aws-sdk/credential-provider-node` in the bundles: on Lambda the role's credentials always stand
 * in the environment, and the chain that also knows profiles, SSO and instance metadata costs 130 kB.
 */
import { env } from 'node:process'

const required = (name: string): string => {
  const value = env[name]
  if (!value)
    throw new Error(`no AWS credentials: expected ${name} in the environment, where Lambda puts its role's`)
  return value
}

/** The SDK's own name for the provider it uses when none is given. */
export const defaultProvider = () => async () => ({
  accessKeyId: required('AWS_ACCESS_KEY_ID'),
  secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
  sessionToken: env.AWS_SESSION_TOKEN,
})
