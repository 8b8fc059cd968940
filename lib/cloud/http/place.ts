/** Where calls go. */

/** Where a call goes: the path from the endpoint on, plain. */
export interface ApiPlace {
  endpoint: string
  path: string[]
}

/** An endpoint as Keystone's catalog lists it, which ends in the project's id: the path of each call adds that. */
export function withoutProject(endpoint: string, projectId: string): string {
  const plain = endpoint.replace(/\/+$/, '')
  return plain.endsWith(`/${projectId}`) ? plain.slice(0, -projectId.length - 1) : endpoint
}
