// Adds up what a viewer's first page fetches as JavaScript and CSS, gzipped, and fails above the limit.
//
// It follows the build's manifest: the entry, the viewer's page, everything both import statically, and the Chinese
// messages its route names. What loads later (hls.js, the staff pages, another language) does not count.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Requirement: first page of a viewer at most 90 KiB without hls.js. */
const LIMIT_BYTES = 90 * 1024;
const VIEWER_PATH = "'/h/:hall/s/:session'";

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url));
const manifest = JSON.parse(read('dist/.vite/manifest.json').toString());

/** The viewer's page and its message files, from the one table of routes. */
function viewerRoots() {
  const router = read('src/router.ts').toString();
  const at = router.indexOf(`path: ${VIEWER_PATH}`);
  if (at < 0) throw new Error(`src/router.ts has no page at ${VIEWER_PATH}, so there is nothing to measure`);
  const route = router.slice(at, router.indexOf('path: ', at + 1));
  const page = /import\('\.\/(pages\/[^']+)'\)/.exec(route)?.[1];
  const areas = [...(/areas: \[([^\]]*)\]/.exec(route)?.[1] ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1]);
  return [`src/${page}`, ...['common', ...areas].map((area) => `src/locales/zh-CN/${area}.json`)];
}

const files = new Set();
const seen = new Set();

function follow(key) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not a chunk of its own; is it still loaded lazily?`);
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) follow(imported);
}

['index.html', ...viewerRoots()].forEach(follow);

let total = 0;
for (const file of [...files].sort()) {
  const bytes = gzipSync(read(`dist/${file}`), { level: 9 }).length;
  total += bytes;
  process.stdout.write(`${String(bytes).padStart(8)}  ${file}\n`);
}
const kib = (bytes) => (bytes / 1024).toFixed(1);
process.stdout.write(`viewer's first page: ${kib(total)} KiB gzip of ${kib(LIMIT_BYTES)} KiB\n`);
if (total > LIMIT_BYTES) {
  process.stderr.write('over the limit: load what is not needed at first later\n');
  process.exit(1);
}
