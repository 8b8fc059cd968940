import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Small files that take long: begun last, each would leave the other processors idle at the end. */
const LONG =
  /\/local\/start\.|\/console\/(runs|policies|trouble)\.|\/infra\/template\.|\/flow\/(crash-|nights)|\/schedule-oracle\./

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [
      ...sorted.filter(({ moduleId }) => LONG.test(moduleId)),
      ...sorted.filter(({ moduleId }) => !LONG.test(moduleId)),
    ]
  }
}
