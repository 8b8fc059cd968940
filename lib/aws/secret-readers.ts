/** The places that secrets are kept in, and how each is asked. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

/** The secret of that name, as it is now. */
export type SecretReader = (name: string) => Promise<string | undefined>

/** AWS Secrets Manager (API reference, GetSecretValue). */
function secretsManager(): SecretReader {
  const client = new SecretsManagerClient({})
  return async name => {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }))
    return SecretString ?? (SecretBinary && new TextDecoder().decode(SecretBinary))
  }
}

/** A name in a hierarchy begins with a slash; written without it, the same is meant. */
const fieldPathOf = (name: string): string => (name.includes('/') ? `/${name}` : name)

/** Parameter Store of AWS Systems Manager, decrypted where it is encrypted (API reference, GetParameter). */
function parameterStore(): SecretReader {
  const client = new SSMClient({})
  return async name => {
    const asked = { Name: fieldPathOf(name), WithDecryption: true }
    const { Parameter } = await client.send(new GetParameterCommand(asked))
    return Parameter?.Value
  }
}

/** Each with a client of its own, which is made when it is first needed. */
export const SECRET_READERS = { secretsManager, parameterStore }
