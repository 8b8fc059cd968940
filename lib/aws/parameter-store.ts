import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'

/** A name in a hierarchy begins with a slash; written without it, the same is meant. */
const pathOf = (name: string): string => (name.includes('/') ? `/${name}` : name)

/** Reads parameters of AWS Systems Manager, decrypted where they are (API reference, GetParameter). */
export function parameterStore(): (name: string) => Promise<string | undefined> {
  const client = new SSMClient({})
  return async name => {
    const asked = { Name: pathOf(name), WithDecryption: true }
    const { Parameter } = await client.send(new GetParameterCommand(asked))
    return Parameter?.Value
  }
}
