/** Takes the place of `lib/cloud/registry.ts` in the bundle of a function that never calls the cloud. */
export function createCloud(): never {
  throw new Error(
    'built without the way to the cloud: say in infra/build/functions.ts that this function calls it',
  )
}
