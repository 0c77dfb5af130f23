import { describe, expect, it } from 'vitest';
import { describeTime, formatClock, formatCount } from './format';

const at = (text: string): number => Date.parse(`${text}+08:00`);
const now = at('2026-05-20T15:00:00');
const said = (text: string): unknown => describeTime(at(text), now, 'zh-CN');

describe('a time is said', () => {
  it.each([
    ['2026-05-20T14:59:30', { key: 'now', values: {} }],
    ['2026-05-20T15:00:30', { key: 'now', values: {} }],
    ['2026-05-20T14:57:00', { key: 'minutesAgo', values: { n: 3 } }],
    ['2026-05-20T15:20:00', { key: 'inMinutes', values: { n: 20 } }],
    ['2026-05-20T12:30:00', { key: 'hoursAgo', values: { n: 2 } }],
    ['2026-05-20T08:05:00', { text: '08:05' }],
    ['2026-05-20T00:00:00', { text: '00:00' }],
    ['2026-05-19T23:59:00', { key: 'yesterday', values: { time: '23:59' } }],
    ['2026-05-21T09:00:00', { key: 'tomorrow', values: { time: '09:00' } }],
    ['2026-03-02T14:05:00', { text: '3月2日 14:05' }],
    ['2025-03-02T14:05:00', { text: '2025年3月2日 14:05' }],
  ])('%s', (time, expected) => {
    expect(said(time)).toEqual(expected);
  });

  it('an hour before midnight is yesterday, not an hour ago, once the day has changed', () => {
    expect(describeTime(at('2026-05-19T22:30:00'), at('2026-05-20T00:10:00'), 'zh-CN')).toEqual({
      key: 'yesterday',
      values: { time: '22:30' },
    });
  });
});

it('a count is grouped in thousands in both languages', () => {
  expect([formatCount(15230, 'zh-CN'), formatCount(15230, 'en'), formatCount(0, 'en')]).toEqual(['15,230', '15,230', '0']);
});

it.each([
  [0, '00:00'],
  [2_530_999, '42:10'],
  [3_723_000, '1:02:03'],
  [-5, '00:00'],
])('%i ms on the stream is %s', (duration_ms, text) => {
  expect(formatClock(duration_ms)).toBe(text);
});
