import { defineConfig } from 'vitest/config'

/** `npm run check:aws`: all that shows the deployment right, what takes minutes included. */
export default defineConfig({
  test: {
    include: ['test/{aws,bundle,infra}/**/*.{test,check}.ts'],
    testTimeout: 600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: ['default', './test/closing-line.ts'],
    // Some of them count on a clock of their own, others on a processor.
    maxWorkers: 2,
  },
})
