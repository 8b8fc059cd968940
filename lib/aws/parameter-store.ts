/** Secrets in Parameter Store; loaded when the first of them is needed. */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

/** Reads secrets from Parameter Store of AWS Systems Manager, decrypted where encrypted (API reference, GetParameter). */
export function parameterStore() {
  const client = new SSMClient({})
  return async (name: string): Promise<string | undefined> => {
    // A name in a hierarchy begins with a slash; written without it, the same is meant.
    const asked = { Name: name.includes('/') ? `/${name}` : name, WithDecryption: true }
    const { Parameter } = await client.send(new GetParameterCommand(asked))
    return Parameter?.Value
  }
}
