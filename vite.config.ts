// How the web application is built: one folder of files with a hash in their names, one small script within the page
// itself, which the policy allows by its hash, no address but its own: it runs under a Content-Security-Policy based on
// default-src 'none'.
import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { webFirst } from './scripts/web-first.ts';

export default defineConfig({
  root: fileURLToPath(new URL('src/web', import.meta.url)),
  publicDir: false,
  plugins: [react(), webFirst()],
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every screen needs comes in one file: packed together it is smaller, and asked for once.
          groups: [
            {
              name: 'application',
              test: /\/node_modules\/(?:react|react-dom|scheduler|@tanstack\/(?:react-query|query-core))\/|\/src\/web\/(?:main|app|api|screens|language|parts\/(?:copy|text|marks))\.tsx?$|preload-helper/,
            },
          ],
        },
      },
    },
  },
});
