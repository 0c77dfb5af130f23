import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

/** Below this a network packet carries it either way. In bytes. */
const SMALLEST = 1024;
const TEXT = /\.(?:js|css|html|svg|json|txt)$/;

/**
 * Lays a `.br` and a `.gz` beside every text of the build, at the highest level: the server then sends ten thousand
 * viewers the same bytes without compressing anything. `src/http/pages.rs` chooses.
 */
export function precompress(): Plugin {
  let outDir = '';
  return {
    name: 'yishiting:precompress',
    apply: 'build',
    configResolved: (config) => {
      outDir = join(config.root, config.build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler: async () => {
        await Promise.all(filesIn(outDir).map(compress));
      },
    },
  };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => TEXT.test(name) && !name.startsWith('.vite'))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).size >= SMALLEST);

async function compress(path: string): Promise<void> {
  const plain = readFileSync(path);
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    promisify(gzip)(plain, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gz);
}
