/**
 * Languages and their messages.
 *
 * Messages lie in `locales/<language>/<area>.json` and load by language and area, so that a netizen's phone
 * never fetches the staff's words. The message `ask` of area `viewer` has the key `viewer.ask`.
 * Nothing here compiles code from text: vue-i18n 11 interprets messages, which a strict
 * Content-Security-Policy allows.
 */
import { createI18n } from 'vue-i18n';

export const LOCALES = ['zh-CN', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

/** What a message file is for. A route names the areas its page needs in `meta.areas`; `common` is always there. */
export type Area = 'common' | 'errors' | 'viewer' | 'room' | 'hall' | 'ledger' | 'staff' | 'moderation' | 'host' | 'department' | 'closing' | 'screen' | 'record';

type Messages = { [key: string]: string | Messages };

const files = import.meta.glob<Messages>('./locales/*/*.json', { import: 'default' });

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN' as Locale,
  fallbackLocale: 'zh-CN' as Locale,
  // Fallback fills what a half-loaded language lacks; the key test keeps both languages equal.
  missingWarn: false,
  fallbackWarn: false,
  messages: { 'zh-CN': {}, en: {} } as Record<Locale, Messages>,
});

/** Areas asked for so far; a change of language loads the same ones. */
const areas = new Set<Area>();
const loaded = new Map<string, Promise<void>>();

async function loadFile(locale: Locale, area: Area): Promise<void> {
  const path = `./locales/${locale}/${area}.json`;
  const load = files[path];
  if (!load) throw new Error(`no messages for language ${locale}, area ${area}`);
  const messages = await load();
  i18n.global.mergeLocaleMessage(locale, { [area]: messages });
}

function loadOnce(locale: Locale, area: Area): Promise<void> {
  const key = `${locale}/${area}`;
  let promise = loaded.get(key);
  if (!promise) {
    promise = loadFile(locale, area);
    loaded.set(key, promise);
    // A fetch lost on a bad line is tried again next time instead of being remembered as lost.
    promise.catch(() => loaded.delete(key));
  }
  return promise;
}

/** Loads the messages of `wanted` in the language shown now. Asking twice costs nothing. */
export async function loadAreas(wanted: readonly Area[]): Promise<void> {
  for (const area of wanted) areas.add(area);
  await Promise.all(wanted.map((area) => loadOnce(i18n.global.locale.value, area)));
}

/** Shows the page in `locale`, once all its messages are here. */
export async function setLocale(locale: Locale): Promise<void> {
  await Promise.all([...areas].map((area) => loadOnce(locale, area)));
  i18n.global.locale.value = locale;
  document.documentElement.lang = locale;
}
