/** The words of the pages, from their own files: a test that looks for a button changes its name together with the page. */
import { readdirSync, readFileSync } from 'node:fs';
import { createI18n } from 'vue-i18n';

const folder = new URL('../../src/locales/zh-CN/', import.meta.url);

interface Messages {
  [key: string]: string | Messages;
}

const messages = Object.fromEntries(
  readdirSync(folder).map((file) => [file.replace(/\.json$/, ''), JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Messages]),
);

const i18n = createI18n({ legacy: false, locale: 'zh-CN', messages: { 'zh-CN': messages } });

/** The Chinese message of `key`, as the pages show it. A key that is not there is a mistake of the test. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  if (!i18n.global.te(key)) throw new Error(`no message ${key}`);
  return i18n.global.t(key, values);
}
