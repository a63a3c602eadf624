// The part of the web build that is about its first screen: src/web/first.ts within the page itself, and each text file
// packed once, as small as it gets, so that the server packs nothing while somebody waits.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Plugin } from 'vite';

const web = fileURLToPath(new URL('../src/web/', import.meta.url));

/** The plugin. Its script stands before everything that the page waits for. */
export function webFirst(): Plugin {
  return {
    name: 'dalil-web-first',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const wordFiles: Record<string, string[]> = {};
        for (const chunk of Object.values(bundle ?? {})) {
          const words = chunk.type === 'chunk' ? /\/messages\/([a-z]+)\.ts$/.exec(chunk.facadeModuleId ?? '') : null;
          if (chunk.type === 'chunk' && words !== null)
            wordFiles[words[1]!] = [chunk.fileName, ...chunk.imports].map((file) => `/${file}`);
        }
        const { outputFiles } = buildSync({
          entryPoints: [join(web, 'first.ts')],
          bundle: true,
          minify: true,
          format: 'iife',
          target: 'es2022',
          charset: 'utf8',
          define: { wordFiles: JSON.stringify(wordFiles) },
          write: false,
        });
        return [{ tag: 'script', children: outputFiles[0]!.text.trim(), injectTo: 'head-prepend' }];
      },
    },
    async writeBundle({ dir }) {
      const files = (await readdir(dir!, { recursive: true })).filter((name) => /\.(?:html|js|css|svg)$/.test(name));
      await Promise.all(
        files.map(async (name) => {
          const body = await readFile(join(dir!, name));
          const params = {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
          };
          await writeFile(join(dir!, `${name}.br`), await promisify(brotliCompress)(body, { params }));
        }),
      );
    },
  };
}
