/** The paths of Huawei Cloud's APIs. */
import type { Kind } from '../../../lib/core/model/model.ts'

const underFolders = (rest: string): Record<Kind, string> => ({
  ecs: `/v1/:project/cloudservers${rest}`,
  bms: `/v1/:project/baremetalservers${rest}`,
})

/** Where the calls of ECS and BMS are. */
export const PATHS = {
  list: underFolders('/detail'),
  action: underFolders('/action'),
  server: underFolders('/:id'),
  tags: underFolders('/:id/tags'),
}
export const FLAVORS_PATH = '/v1/:project/cloudservers/flavors'
/** It does not say which of the two made the job. */
export const JOB_PATH = '/v1/:project/jobs/:id'
export const GROUPS_PATH = '/autoscaling-api/v1/:project/scaling_group'
