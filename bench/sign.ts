/**
 * Signing a list and a stop of a thousand servers: Huawei's own signer, ours, and the hashes that no signature can do without.
 * node bench/sign.ts
 */
import { createHash, createHmac } from 'node:crypto'
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core'
import { AKSKSigner } from '@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js'
import type { Unsigned } from '../lib/cloud/http/target.ts'
import { signRequest } from '../lib/cloud/huawei/sign.ts'
import { idOf } from './cloud/record.ts'
import { figure, median, type Section, table, times } from './report/figures.ts'

const KEY = { accessKey: 'AKBENCH0000000000000', secretKey: 'benchSecretKey0123456789abcdefghijklmnop' }
const PROJECT = '0123456789abcdef0123456789abcdef'
const HOST = 'ecs.cn-north-4.myhuaweicloud.com'
const credential = new BasicCredentials().withAk(KEY.accessKey).withSk(KEY.secretKey).withProjectId(PROJECT)
const ids = Array.from({ length: 1000 }, (_, place) => ({ id: idOf(place, 'ecs') }))
const data = { 'os-stop': { type: 'SOFT', servers: ids } }
const body = JSON.stringify(data)
const headers = { 'content-type': 'application/json', 'x-project-id': PROJECT }
const folder = ['v1', PROJECT, 'cloudservers']

const theirs = (method: string, path: string, rest: object) => () =>
  AKSKSigner.sign(
    { method, endpoint: `https://${HOST}/${path}`, queryParams: {}, headers: { ...headers }, ...rest },
    credential,
  )
const ours = (unsigned: Pick<Unsigned, 'method' | 'path' | 'query' | 'body'>) => () =>
  signRequest({ host: HOST, headers, ...unsigned }, KEY, Date.now())
const hashes = (text: string) => () => {
  const hashed = createHash('sha256').update(text).digest('hex')
  const request = createHash('sha256').update(`GET\n${hashed}`).digest('hex')
  return createHmac('sha256', KEY.secretKey).update(request).digest('hex')
}

const TASKS: [string, Record<string, () => unknown>][] = [
  [
    'a list',
    {
      hashes: hashes(''),
      curfew: ours({
        method: 'GET',
        path: [...folder, 'detail'],
        query: { limit: '1000', marker: ids[0]!.id },
        body: '',
      }),
      sdk: theirs('GET', [...folder, 'detail'].join('/'), { queryParams: { limit: 1000, offset: 3 } }),
    },
  ],
  [
    'a stop of 1,000',
    {
      hashes: hashes(body),
      curfew: ours({ method: 'POST', path: [...folder, 'action'], query: {}, body }),
      sdk: theirs('POST', [...folder, 'action'].join('/'), { data }),
    },
  ],
]

function cpuUs(work: () => unknown, count: number): number {
  for (let i = 0; i < count / 5; i++) work()
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

export function signSection({ count, rounds }: { count: number; rounds: number }): Section {
  const rows = TASKS.flatMap(([task, signers]) => {
    const measured = Array.from({ length: rounds }, () =>
      Object.values(signers).map(signer => cpuUs(signer, count)),
    )
    return Object.keys(signers).map((name, i) => [
      task,
      name,
      figure(median(measured.map(round => round[i]!))),
      times(median(measured.map(round => round[i]! / round[0]!))),
    ])
  })
  const text = table(['signed', 'by', 'CPU µs', 'of the hashes alone'], rows)
  return { title: 'Signing', command: 'node bench/sign.ts', text }
}

if (import.meta.main) console.log(signSection({ count: 2000, rounds: 5 }).text)
