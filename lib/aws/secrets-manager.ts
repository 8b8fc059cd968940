import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

/** Reads secrets of AWS Secrets Manager, each as it is now (API reference, GetSecretValue). */
export function secretsManager(): (name: string) => Promise<string | undefined> {
  const client = new SecretsManagerClient({})
  return async name => {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }))
    return SecretString ?? (SecretBinary && new TextDecoder().decode(SecretBinary))
  }
}
