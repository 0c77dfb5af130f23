/**
 * What a reader chose about how pages look: theme, elder mode, language. Kept on the device, sent nowhere.
 */
import { reactive, readonly, watchEffect } from 'vue';
import { LOCALES, setLocale, type Locale } from './i18n';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  theme: Theme;
  /** Larger text and targets, no text over the picture, fewer choices. */
  elder: boolean;
  locale: Locale;
}

const KEY = 'yishiting.preferences';
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** Reads what was stored; anything unknown falls back to the default, so an old page never breaks a new one. */
export function parsePreferences(stored: string | null, languages: readonly string[]): Preferences {
  const fallback: Preferences = { theme: 'system', elder: false, locale: preferredLocale(languages) };
  if (!stored) return fallback;
  try {
    const value = JSON.parse(stored) as Partial<Record<keyof Preferences, unknown>> | null;
    return {
      theme: THEMES.find((theme) => theme === value?.theme) ?? fallback.theme,
      elder: value?.elder === true,
      locale: LOCALES.find((locale) => locale === value?.locale) ?? fallback.locale,
    };
  } catch {
    return fallback;
  }
}

/** Chinese unless the reader's first language the pages know is English. */
function preferredLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (language.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (language.toLowerCase().startsWith('en')) return 'en';
  }
  return 'zh-CN';
}

/** Private windows and some embedded browsers refuse storage; the choice then lasts as long as the page. */
function readStored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function store(value: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // See readStored.
  }
}

const state = reactive<Preferences>(parsePreferences(readStored(), navigator.languages ?? []));

export const preferences = readonly(state);

/** Puts the stored theme and size on `<html>` and keeps them there. Called once, before the first paint. */
export function applyPreferences(): void {
  const root = document.documentElement;
  watchEffect(() => {
    if (state.theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = state.theme;
    if (state.elder) root.dataset.elder = '';
    else delete root.dataset.elder;
  });
}

export function setTheme(theme: Theme): void {
  state.theme = theme;
  store(state);
}

export function setElder(elder: boolean): void {
  state.elder = elder;
  store(state);
}

/** Changes the language once its messages have arrived; a failed fetch leaves the old one and rejects. */
export async function chooseLocale(locale: Locale): Promise<void> {
  await setLocale(locale);
  state.locale = locale;
  store(state);
}
