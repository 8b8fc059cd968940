import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

/**
 * They leave nothing in their process that others see: one may take any number of them, with its modules loaded, and
 * warm, once. Those left out change the certificates that their process trusts, or its output.
 */
const SHARED = [
  'test/{aws,core,http,simulator}/**/*.test.ts',
  'test/cloud/!(proxy).test.ts',
  'test/flow/!(no-secret|webhook).test.ts',
  'test/infra/{cost,permissions}.test.ts',
]

export default defineConfig({
  test: {
    // Several times what a test takes alone: a busy machine is no failure.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    globalSetup: './test/temporary-folder.ts',
    pool: 'forks',
    // One more than there are processors: whoever waits for a browser, or a process of its own, leaves one idle.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: SHARED } },
    ],
  },
})
