/**
 * What Lambda's runtime client has in C++: gives answers back over the runtime API (AWS Lambda developer guide, "Using the
 * Lambda runtime API"). Loaded in the place of `rapid-client.node`, which takes a compiler to make.
 */
import { Agent, request } from 'node:http'
import { env } from 'node:process'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function post(path: string, body: string): void {
  const url = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/${path}`
  request(url, { method: 'POST', agent }, answer => answer.resume()).end(body)
}

export const initializeClient = (): void => undefined
export const done = (id: string, body: string): void => post(`${id}/response`, body)
export const error = (id: string, body: string): void => post(`${id}/error`, body)
