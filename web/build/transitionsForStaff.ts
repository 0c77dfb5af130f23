import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** The library of the staff's pages and what it is made of. */
const LIBRARY = /\/node_modules\/(naive-ui|vueuc|vooks|vdirs)\//;
const SHIM = '\0yishiting:vue-with-own-transitions';
const COPY = '?own-transitions';

/**
 * Gives the staff's component library a copy of Vue's transitions of its own. A module lies in one chunk, so what only
 * staff pages use of it would be in the chunk every viewer fetches: 4 KiB gzip. Transitions keep no state in their module
 * and build on the one runtime, so a copy of them behaves the same.
 */
export function transitionsForStaff(): Plugin {
  return {
    name: 'yishiting:transitions-for-staff',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (source === 'vue' && importer && LIBRARY.test(importer)) return SHIM;
      if (importer !== SHIM || !source.endsWith(COPY)) return null;
      const original = await this.resolve(source.slice(0, -COPY.length));
      return original && original.id + COPY;
    },
    load(id) {
      // A name exported here counts before the same name of `export *`.
      if (id === SHIM) return `export * from 'vue';\nexport { Transition, TransitionGroup } from '@vue/runtime-dom${COPY}';`;
      if (id.endsWith(COPY)) return readFileSync(id.slice(0, -COPY.length), 'utf8');
      return null;
    },
  };
}
