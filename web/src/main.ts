import './styles/tokens.css';
import './styles/base.css';
import { createApp } from 'vue';
import App from './App.vue';
import { i18n, loadAreas, setLocale } from './i18n';
import { bringLostStyles } from './lateStyles';
import { applyPreferences, preferences } from './preferences';
import { router } from './router';

async function start(): Promise<void> {
  bringLostStyles();
  applyPreferences();
  await setLocale(preferences.locale);
  await loadAreas(['common']);
  createApp(App).use(i18n).use(router).mount('#app');
}

start().catch(() => {
  document.querySelector('[data-boot="opening"]')?.setAttribute('hidden', '');
  document.querySelector('[data-boot="failed"]')?.removeAttribute('hidden');
});
