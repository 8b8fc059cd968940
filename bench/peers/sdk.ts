/**
 * What a user would write on Huawei's official Node SDK: list every page, keep the ACTIVE ones, stop them a thousand at a
 * time, ask each job until it has ended, note each server's outcome. SIDE_BY_SIDE=yes: Promise.all over the pages, then over
 * the chunks; else one request after the other.
 */
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core'
import { ClientBuilder } from '@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js'
import type { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js'
import * as ecs from '@huaweicloud/huaweicloud-sdk-ecs'
import { askedOf, say } from './asked.ts'

const PAGE = 1000
const { cloudUrl, project, accessKey, secretKey, kind, pollMs } = askedOf(process.env)
const sideBySide = process.env.SIDE_BY_SIDE === 'yes'

interface Page {
  count: number
  servers: { id: string; status: string }[]
}
interface JobAnswer {
  status: string
  entities: { sub_jobs: { status: string; entities: { server_id: string } }[] }
}
interface Api {
  list: (offset: number) => Promise<Page>
  stop: (ids: string[]) => Promise<{ job_id: string }>
  job: (id: string) => Promise<JobAnswer>
}

const credential = new BasicCredentials().withAk(accessKey).withSk(secretKey).withProjectId(project)

function ecsApi(): Api {
  const client = ecs.EcsClient.newBuilder().withCredential(credential).withEndpoint(cloudUrl).build()
  const stop = (ids: string[]) =>
    new ecs.BatchStopServersOption()
      .withServers(ids.map(id => new ecs.ServerId().withId(id)))
      .withType(ecs.BatchStopServersOptionTypeEnum.SOFT)
  const answers: { [name in keyof Api]: (...asked: Parameters<Api[name]>) => Promise<unknown> } = {
    list: offset =>
      client.listServersDetails(new ecs.ListServersDetailsRequest().withLimit(PAGE).withOffset(offset)),
    stop: ids =>
      client.batchStopServers(
        new ecs.BatchStopServersRequest().withBody(
          new ecs.BatchStopServersRequestBody().withOsStop(stop(ids)),
        ),
      ),
    job: id => client.showJob(new ecs.ShowJobRequest().withJobId(id)),
  }
  return answers as Api
}

/** The SDK has no BMS package on npm: the same calls through the generic client of its core. */
function bmsApi(): Api {
  const client = new ClientBuilder((one: HcClient) => one)
    .withCredential(credential)
    .withEndpoint(cloudUrl)
    .build()
  const send = async <A>(method: string, url: string, rest: object): Promise<A> => {
    const shared = { contentType: 'application/json', queryParams: {}, pathParams: {}, headers: {} }
    return (await client.sendRequest({ method, url, ...shared, ...rest })) as A
  }
  const servers = '/v1/{project_id}/baremetalservers'
  return {
    list: offset => send('GET', `${servers}/detail`, { queryParams: { limit: PAGE, offset } }),
    stop: ids =>
      send('POST', `${servers}/action`, {
        data: { 'os-stop': { type: 'HARD', servers: ids.map(id => ({ id })) } },
      }),
    job: job_id => send('GET', '/v1/{project_id}/jobs/{job_id}', { pathParams: { job_id } }),
  }
}

const begunMs = performance.now()
const api = kind === 'ecs' ? ecsApi() : bmsApi()
const outcomes = new Map<string, string>()

async function fleet(): Promise<Page['servers']> {
  const first = await api.list(1)
  if (sideBySide) {
    const pages = Math.ceil(first.count / PAGE)
    const rest = await Promise.all(Array.from({ length: pages - 1 }, (_, i) => api.list(i + 2)))
    return [first, ...rest].flatMap(({ servers }) => servers)
  }
  const servers = [...first.servers]
  for (let last = first, page = 2; last.servers.length === PAGE; page++) {
    last = await api.list(page)
    servers.push(...last.servers)
  }
  return servers
}

async function stopChunk(ids: string[]): Promise<void> {
  const { job_id: id } = await api.stop(ids)
  let job = await api.job(id)
  while (job.status !== 'SUCCESS' && job.status !== 'FAIL') {
    await new Promise(resolve => setTimeout(resolve, pollMs))
    job = await api.job(id)
  }
  for (const { status, entities } of job.entities.sub_jobs) outcomes.set(entities.server_id, status)
}

const servers = await fleet()
const targets = servers.filter(({ status }) => status === 'ACTIVE').map(({ id }) => id)
const chunks = Array.from({ length: Math.ceil(targets.length / PAGE) }, (_, i) =>
  targets.slice(i * PAGE, (i + 1) * PAGE),
)
if (sideBySide) await Promise.all(chunks.map(stopChunk))
else for (const chunk of chunks) await stopChunk(chunk)

const stopped = [...outcomes.values()].filter(status => status === 'SUCCESS').length
say({
  listed: servers.length,
  targets: targets.length,
  stopped,
  failed: outcomes.size - stopped,
  workMs: performance.now() - begunMs,
})
