/** Secrets in Secrets Manager; loaded when the first of them is needed. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** Reads secrets from AWS Secrets Manager (API reference, GetSecretValue). */
export function secretsManager() {
  const client = new SecretsManagerClient({})
  return async (name: string): Promise<string | undefined> => {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }))
    return SecretString ?? (SecretBinary && new TextDecoder().decode(SecretBinary))
  }
}
