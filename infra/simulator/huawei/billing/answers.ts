/** How BSS answers, whatever it was asked. */
import { type Answer, gatewayRefusal, type Request } from '../../route.ts'

export type Json = Record<string, unknown>

/** An empty object where the body is none. */
export function bodyOf({ body }: Pick<Request, 'body'>): Json {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'))
    return typeof json === 'object' && json !== null ? (json as Json) : {}
  } catch {
    return {}
  }
}

/** BSS API reference, "Status Codes". */
export const badParameter = (name: string): Answer =>
  gatewayRefusal(400, 'CBC.0100', `Parameter error. ${name} is invalid.`)
export const accessDenied = (right: string): Answer =>
  gatewayRefusal(
    403,
    'CBC.0151',
    `user access denied.checkCustomerPermission,correct permission code is ${right}`,
  )
