import { Action } from '../../lib/core/model/action.ts'
import { livesThrough } from '../flow/crash.ts'

for (const action of Action.options) {
  livesThrough(`wherever the process dies right after an effect, the run ends right: ${action}`, {
    action,
    fate: 'after',
    api: 'huaweicloud',
    least: 60,
  })
  livesThrough(`wherever a function dies right before its first effect, the run ends right: ${action}`, {
    action,
    fate: 'before',
    api: 'huaweicloud',
    least: 12,
  })
  livesThrough(`whichever write or message is done twice, the run ends right: ${action}`, {
    action,
    fate: 'twice',
    api: 'huaweicloud',
    least: 60,
  })
  livesThrough(
    `wherever stop or follow dies right after an effect, the run ends right over a plain OpenStack, too: ${action}`,
    { action, fate: 'after', api: 'openstack', least: 50 },
  )
}
