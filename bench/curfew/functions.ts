/** The line's five functions in one bundle, made as the deployed ones are. */
export { handler as follow } from '../../functions/follow.ts'
export { handler as notify } from '../../functions/notify.ts'
export { handler as plan } from '../../functions/plan.ts'
export { handler as stop } from '../../functions/stop.ts'
export { handler as tick } from '../../functions/tick.ts'
