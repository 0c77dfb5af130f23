import { describe, expect, it } from 'vitest';
import chinese from '@/locales/zh-CN/errors.json';
import types from '@/wire/types.ts?raw';
import { describeRefusal } from './errorText';

const codes = [...(/export type Code = (.*);/.exec(types)?.[1] ?? '').matchAll(/"([a-z_]+)"/g)].map((found) => found[1] ?? '');

describe('refusals in words', () => {
  it('exist for every code the server knows', () => {
    expect(codes.length).toBeGreaterThan(20);
    expect(codes.filter((code) => !(code in chinese))).toEqual([]);
  });

  it('name the value when the server says it', () => {
    const said = describeRefusal({ code: 'rate_limited', params: {}, retry_after_ms: 3_200 }, 'zh-CN');
    expect(said).toEqual({ key: 'rate_limited_said', values: { seconds: 4 } });
    expect(describeRefusal({ code: 'too_long', params: { len: '612', max: '500' } }, 'zh-CN').key).toBe('too_long_said');
  });

  it('have no hole when the server does not', () => {
    for (const code of ['too_long', 'rate_limited', 'muted', 'wrong_code'] as const) {
      expect(describeRefusal({ code, params: {} }, 'zh-CN').key).toBe(code);
    }
  });

  it('say until when somebody is muted, in the reader’s time', () => {
    const until_ms = String(Date.UTC(2026, 10, 21, 6, 5));
    expect(describeRefusal({ code: 'muted', params: { until_ms } }, 'zh-CN').values.until).toBe('14:05');
  });
});
