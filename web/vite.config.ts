import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { localeMessages } from './build/localeMessages.ts';
import { precompress } from './build/precompress.ts';
import { transitionsForStaff } from './build/transitionsForStaff.ts';
import { treeShakableVueI18n } from './build/treeShakableVueI18n.ts';

export default defineConfig({
  plugins: [vue(), localeMessages(), treeShakableVueI18n(), transitionsForStaff(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    // Parts of Vue and vue-i18n nobody here uses; off, they are left out of the bundle.
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    // Messages arrive compiled; see build/localeMessages.ts.
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
  },
  build: {
    outDir: 'dist',
    // The oldest browsers still met inside WeChat (its own engine on Android, iOS 15) that know the language library
    // of tsconfig.app.json, ES2022; Vite translates syntax and adds no missing functions.
    target: ['chrome93', 'safari15.4'],
    manifest: true,
    // A strict Content-Security-Policy allows no data: URL, so no asset may be inlined as one.
    assetsInlineLimit: 0,
    // hls.js is larger than the default warning and loads only when there is a stream.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What every page needs in two files instead of twenty: 4 KiB gzip less of a first page and half the requests.
        codeSplitting: {
          groups: [
            { name: 'vue', test: /\/node_modules\/(@vue|vue|vue-router|vue-i18n|@intlify)\/[^?]*$/ },
            { name: 'base', test: /\/src\/(components\/base\/(BaseButton|BaseCard|BaseSkeleton|BaseTabs|BaseToast|CountText|EmptyState|ErrorState|IconX|TimeText|toasts)|live\/|[^/]+\.ts)/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } },
  },
});
