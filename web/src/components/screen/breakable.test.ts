import { describe, expect, it } from 'vitest';
import { breakable } from './breakable';

describe('text on the wall', () => {
  it('may break between words and not within one', () => {
    const parts = breakable('水电气计价与安全管理').split('\u200b');
    expect(parts.join('')).toBe('水电气计价与安全管理');
    expect(parts).toContain('安全');
    expect(parts).toContain('管理');
  });

  it('begins no line with a comma and ends none with an opening quotation mark', () => {
    expect(breakable('五口人，用水量“一直”超第二档。')).not.toMatch(/\u200b[，”。]|“\u200b/u);
  });

  it('keeps its own line breaks and is nothing when there is nothing', () => {
    expect(breakable('第一行\n第二行').replaceAll('\u200b', '')).toBe('第一行\n第二行');
    expect(breakable('')).toBe('');
  });
});
