import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Small files that take minutes: begun last, each would leave the other processors idle at the end. */
const LONG = /\/flow\/(crash-|same-outcomes|safety-stopped)|\/schedule-oracle\./

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [
      ...sorted.filter(({ moduleId }) => LONG.test(moduleId)),
      ...sorted.filter(({ moduleId }) => !LONG.test(moduleId)),
    ]
  }
}
