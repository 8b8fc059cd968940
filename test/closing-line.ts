import type { Reporter, TestModule } from 'vitest/node'

/** Says at the very end, on a line of its own, how many tests passed, failed and were skipped. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap(module => [...module.children.allTests()].map(test => test.result().state))
    const count = (state: string) => states.filter(one => one === state).length
    console.log(
      `${count('passed')} passed, ${count('failed')} failed, ${count('skipped') + count('pending')} skipped`,
    )
  }
}
