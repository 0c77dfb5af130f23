import { describe, expect, it } from 'vitest';
import { accentOf, contrast, parse } from './accent';
import { countdownTo } from './countdown';

describe("a hall's colour", () => {
  const surfaces = { light: ['#ffffff', '#f5f7f7', '#e9eded'], dark: ['#101615', '#19211f'] } as const;
  it.each(['#ffff00', '#ff0000', '#00e5ff', '#000000', '#ffffff', '#8a2be2', '#0f6b66', '#808080'])('%s can be read in both themes', (color) => {
    for (const theme of ['light', 'dark'] as const) {
      const made = accentOf(color, theme);
      const accent = parse(made['--color-accent'] ?? '');
      const soft = parse(made['--color-accent-soft'] ?? '');
      const on = parse(made['--color-on-accent'] ?? '');
      if (!accent || !soft || !on) throw new Error('no colour');
      for (const surface of surfaces[theme]) expect(contrast(accent, parse(surface) ?? accent)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent, soft)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent, on)).toBeGreaterThanOrEqual(4.5);
    }
  });
  it('that is none leaves the default', () => {
    expect(accentOf('', 'light')).toEqual({});
    expect(accentOf('red; background: url(x)', 'light')).toEqual({});
  });
});

describe('a countdown', () => {
  it.each([
    [90_061_000, { unit: 'days', days: 1, hours: 1 }],
    [7_260_000, { unit: 'hours', hours: 2, minutes: 1 }],
    [61_000, { unit: 'minutes', minutes: 1, seconds: 1 }],
    [400, { unit: 'minutes', minutes: 0, seconds: 1 }],
    [0, { unit: 'due' }],
    [-5_000, { unit: 'due' }],
  ])('%i ms before', (left_ms, said) => {
    expect(countdownTo(1_000_000 + left_ms, 1_000_000)).toEqual(said);
  });
});
