// @vitest-environment node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contrast } from '../contrast.ts';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

/** The block after `heading`, as names and hexadecimal colours. */
function colours(heading: string): Record<string, string> {
  const block = css.slice(css.indexOf(heading)).split('}')[0] ?? '';
  return Object.fromEntries([...block.matchAll(/--color-([\w-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]));
}

const themes = {
  light: colours('/* theme: light */'),
  dark: colours('/* theme: dark'),
};

const TEXT_PAIRS: [string, string][] = [
  ...['surface', 'raised', 'sunken'].flatMap((under): [string, string][] =>
    ['text', 'muted', 'accent', 'good', 'warn', 'danger', 'stage'].map((over) => [over, under]),
  ),
  ...['accent', 'stage', 'good', 'warn', 'danger'].flatMap((role): [string, string][] => [
    ['text', `${role}-soft`],
    [role, `${role}-soft`],
    ['muted', `${role}-soft`],
  ]),
  ['on-accent', 'accent'],
  ['on-stage', 'stage'],
  ['on-danger', 'danger'],
];

describe.each(Object.entries(themes))('the %s theme', (_name, theme) => {
  it.each(TEXT_PAIRS)('makes %s on %s readable', (over, under) => {
    expect(contrast(theme[over]!, theme[under]!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['control', 'raised'],
    ['control', 'surface'],
    ['focus', 'surface'],
    ['focus', 'raised'],
  ])('shows the edge %s on %s', (over, under) => {
    expect(contrast(theme[over]!, theme[under]!)).toBeGreaterThanOrEqual(3);
  });
});

it('the dark theme is the same by choice and by the wish of the system', () => {
  expect(colours('@media (prefers-color-scheme: dark)')).toEqual(themes.dark);
});
