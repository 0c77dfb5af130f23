// @vitest-environment node
/** Rules about the files of this project that no single component can hold. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'vue/compiler-sfc';
import { describe, expect, it } from 'vitest';
import { compileMessages } from '../build/localeMessages.ts';

type Messages = { [key: string]: string | Messages };

const src = import.meta.dirname;
const locales = join(src, 'locales');

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const messageFiles = (locale: string): string[] => readdirSync(join(locales, locale)).sort();
const readMessages = (locale: string, file: string): Messages =>
  JSON.parse(readFileSync(join(locales, locale, file), 'utf8')) as Messages;

function flatten(messages: Messages, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') flat.set(prefix + key, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe('languages', () => {
  it('have the same files', () => {
    expect(messageFiles('en')).toEqual(messageFiles('zh-CN'));
  });

  it.each(messageFiles('zh-CN'))('have the same messages with the same values in %s', (file) => {
    const chinese = flatten(readMessages('zh-CN', file));
    const english = flatten(readMessages('en', file));
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    for (const [key, text] of chinese) {
      expect({ key, uses: placeholders(english.get(key) ?? '') }).toEqual({ key, uses: placeholders(text) });
    }
  });

  it.each(['zh-CN', 'en'])('has no empty message, no exclamation mark and no wrong format: %s', (locale) => {
    for (const file of messageFiles(locale)) {
      compileMessages(readMessages(locale, file), file);
      for (const [key, text] of flatten(readMessages(locale, file))) {
        expect(text.trim(), `${file}: ${key} is empty`).not.toBe('');
        expect(text, `${file}: ${key}`).not.toMatch(/[!！]/);
      }
    }
  });
});

/** Words of the pages, comments aside: those are for developers and may quote what a person sees. */
function withoutComments(path: string): string {
  const source = readFileSync(path, 'utf8');
  const script = (code: string): string => code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
  if (!path.endsWith('.vue')) return script(source);
  const { descriptor } = parse(source, { filename: path });
  return [
    script(descriptor.script?.content ?? ''),
    script(descriptor.scriptSetup?.content ?? ''),
    (descriptor.template?.content ?? '').replace(/<!--[\s\S]*?-->/g, ''),
  ].join('\n');
}

describe('pages and components', () => {
  const sources = filesUnder(src).filter(
    (path) => /\.(vue|ts)$/.test(path) && !/\.(test|fixture)\.ts$/.test(path) && !path.includes('/generated/'),
  );

  it.each(sources.map((path) => relative(src, path)))('keep every word in the locale files: %s', (path) => {
    const lines = withoutComments(join(src, path)).split('\n');
    expect(lines.filter((line) => /\p{Script=Han}/u.test(line))).toEqual([]);
  });

  it.each(sources.map((path) => relative(src, path)))('contact no other host: %s', (path) => {
    const allowed = /https?:\/\/(www\.w3\.org|127\.0\.0\.1|localhost)\b/;
    const lines = withoutComments(join(src, path)).split('\n');
    expect(lines.filter((line) => /['"`(]https?:\/\/\w/.test(line) && !allowed.test(line))).toEqual([]);
  });
});
