/** Takes the place of `lib/aws/secret-readers.ts` in the bundle of a function that never reads a secret. */
const never = (): never => {
  throw new Error(
    'built without the way to secrets: say in infra/build/functions.ts that this function reads them',
  )
}
export const SECRET_READERS = { secretsManager: never, parameterStore: never }
