import { defineConfig } from 'vitest/config'

/** `npm run check:aws`: all that shows the deployment right, and what programs of others find in ours; takes minutes. */
export default defineConfig({
  test: {
    testTimeout: 600_000,
    hookTimeout: 60_000,
    globalSetup: './test/temporary-folder.ts',
    pool: 'forks',
    reporters: ['default', './test/closing-line.ts'],
    // Some of them count on a clock of their own, others on a processor.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'aws', include: ['test/{aws,bundle,infra,peers}/**/*.{test,check}.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'dynamodb-local',
          include: ['test/aws/store.test.ts'],
          globalSetup: 'test/aws/dynamodb-local.ts',
        },
      },
    ],
  },
})
