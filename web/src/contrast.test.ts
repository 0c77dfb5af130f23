import { describe, expect, it } from 'vitest';
import { accentColours, contrast, parseHex } from './contrast';

describe('contrast', () => {
  it('of black on white is 21 and of a colour on itself 1', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#777777')).toBe(1);
  });
});

describe('a hall accent', () => {
  const hexes = ['#ff0000', '#00ff00', '#0000ff', '#ffff00', '#00ffff', '#ff00ff', '#000000', '#ffffff', '#808080', '#c8102e', '#0f6b66'];
  const themes = [
    ['light', '#f5f7f7'],
    ['dark', '#101615'],
  ] as const;

  it.each(themes.flatMap(([theme, surface]) => hexes.map((hex) => [hex, theme, surface] as const)))(
    'of %s is readable on the %s theme',
    (hex, theme, surface) => {
      const colours = accentColours(hex, surface, theme)!;
      expect(contrast(colours.accent, surface)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colours.accent, colours.accentSoft)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(colours.onAccent, colours.accent)).toBeGreaterThanOrEqual(4.5);
    },
  );

  it('that reads well already is left as it is', () => {
    expect(accentColours('#0f6b66', '#f5f7f7', 'light')?.accent).toBe('#0f6b66');
  });

  it.each(['teal', '#0f6', 'url(x)', ''])('of %j is refused', (hex) => {
    expect(parseHex(hex)).toBeUndefined();
    expect(accentColours(hex, '#f5f7f7', 'light')).toBeUndefined();
  });
});
