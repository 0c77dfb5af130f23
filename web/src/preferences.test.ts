import { describe, expect, it } from 'vitest';
import { parsePreferences } from './preferences';

const fallback = { theme: 'system', elder: false, locale: 'zh-CN' };

describe('stored preferences', () => {
  it.each([null, '', '{', 'null', '[]', '{"theme":"neon","elder":"yes","locale":"tlh"}'])('that read %j give the defaults', (stored) => {
    expect(parsePreferences(stored, [])).toEqual(fallback);
  });

  it('are kept', () => {
    const stored = { theme: 'dark', elder: true, locale: 'en' };
    expect(parsePreferences(JSON.stringify(stored), ['zh-CN'])).toEqual(stored);
  });
});

describe('without a stored language', () => {
  it.each([
    [['en-GB', 'zh-CN'], 'en'],
    [['zh-TW', 'en'], 'zh-CN'],
    [['fr', 'en-US'], 'en'],
    [['fr'], 'zh-CN'],
  ])('a browser that speaks %j gets %s', (languages, locale) => {
    expect(parsePreferences(null, languages).locale).toBe(locale);
  });
});
