import { defineConfig } from 'vitest/config';

// `unit` runs within `npm run check`; `whole` are the tests that start databases, browsers and processes (*.whole.test.ts).
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: ['scripts/property-seed.ts'],
          // Seconds on a machine at rest; on a busy one a quick test may wait.
          testTimeout: 60_000,
          include: ['{src,packages}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.whole.test.ts', 'src/story.test.ts', '**/node_modules/**'],
          // By itself Vitest leaves one core idle, which of two is half of the time.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'whole',
          setupFiles: ['scripts/property-seed.ts'],
          // One PostgreSQL for the run; each file has a database of its own.
          globalSetup: ['src/store/test-cluster.ts'],
          include: ['{src,packages}/**/*.whole.test.ts', 'src/story.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
