// Adds up what a viewer's first page fetches as JavaScript and CSS, gzipped, and fails above the limit.
//
// It follows the build's manifest: the entry, the viewer's page, everything both import statically, and the
// Chinese messages the route names. What loads later (hls.js, the staff pages) does not count.
import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Requirement: first page of a viewer at most 90 KiB without hls.js. */
const LIMIT_BYTES = 90 * 1024;
const dist = new URL('../dist/', import.meta.url);
const roots = ['index.html', 'src/pages/public/ViewerPage.vue', 'src/locales/zh-CN/common.json', 'src/locales/zh-CN/viewer.json'];

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const files = new Set();
const seen = new Set();

function follow(key) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) follow(imported);
}

for (const root of roots) {
  if (manifest[root]) follow(root);
  else if (root.endsWith('.vue') && pageExists(root)) throw new Error(`${root} is not a chunk of its own; is it still loaded lazily?`);
}

function pageExists(path) {
  return Boolean(statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false }));
}

let total = 0;
for (const file of [...files].sort()) {
  const bytes = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
  total += bytes;
  process.stdout.write(`${String(bytes).padStart(8)}  ${file}\n`);
}
const kib = (bytes) => (bytes / 1024).toFixed(1);
process.stdout.write(`viewer's first page: ${kib(total)} KiB gzip of ${kib(LIMIT_BYTES)} KiB\n`);
if (total > LIMIT_BYTES) {
  process.stderr.write('over the limit: load what is not needed at first later\n');
  process.exit(1);
}
