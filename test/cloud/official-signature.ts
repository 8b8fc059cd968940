import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core'
import { AKSKSigner } from '@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js'
import type { KEY, Received } from './wire.ts'

/** The signature that the official SDK makes over what came. */
export function officialAuthorization(
  { method, path, query, headers, body }: Received,
  key: typeof KEY,
): string {
  const signed = /SignedHeaders=([^,]*),/.exec(headers.authorization!)?.[1]?.split(';') ?? []
  const own = signed.filter(name => name !== 'host' && name !== 'x-sdk-date')
  const request = {
    method,
    url: '',
    endpoint: `http://${headers.host}${path}`,
    queryParams: query,
    headers: {
      'X-Sdk-Date': headers['x-sdk-date'],
      ...Object.fromEntries(own.map(name => [name, headers[name]])),
    },
    data: body === '' ? undefined : JSON.parse(body),
  }
  const credential = new BasicCredentials().withAk(key.accessKey).withSk(key.secretKey)
  const { Authorization } = AKSKSigner.sign(request as never, credential) as { Authorization: string }
  return Authorization
}
