/** Huawei's official SDK, made as a handler would make it. */
import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core'
import * as ecs from '@huaweicloud/huaweicloud-sdk-ecs'

const credential = new BasicCredentials().withAk('ak').withSk('sk').withProjectId('p')
const client = ecs.EcsClient.newBuilder()
  .withCredential(credential)
  .withEndpoint('https://ecs.ap-southeast-1.myhuaweicloud.com')
  .build()
export const handler = async () => [client, ecs.ListServersDetailsRequest.name].length
