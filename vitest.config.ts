import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Several times what a test takes alone: a busy machine is no failure.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: './test/temporary-folder.ts',
    pool: 'forks',
    // Each processor one: where there are two, the default leaves one idle.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/closing-line.ts'],
  },
})
