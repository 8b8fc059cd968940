import { defineConfig } from 'vitest/config'

/** `npm run soak`: what takes too long for each change. `SEED` and `NIGHTS` choose what is lived through. */
export default defineConfig({
  test: { include: ['test/soak/**/*.soak.ts'], globalSetup: './test/temporary-folder.ts', pool: 'forks' },
})
