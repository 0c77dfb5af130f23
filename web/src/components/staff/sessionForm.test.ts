import { describe, expect, it } from 'vitest';
import type { SessionFace } from '@/wire/types';
import { moveItem } from './moveItem';
import { placeAt } from './useRowDrag';
import { formOf, isAddress, isSame, plannedStarts_ms, problemsOf, requestOf, type SessionForm } from './sessionForm';

const face = {
  kind: 'consultation',
  title: '水电气计价与安全管理',
  intro: '',
  venue: '',
  host_name: '',
  starts_ms: 1_000_000,
  stream_url: '/media/s/index.m3u8',
  topics: ['水价'],
  departments: [{ id: 'd1', name: '供水' }],
  segments: [
    { id: 's1', title: '开场', department_id: null, planned_minutes: 5, started_ms: null, ended_ms: null },
    { id: 's2', title: '供水', department_id: 'd1', planned_minutes: 20, started_ms: null, ended_ms: null },
  ],
  materials: [{ id: 'm1', title: '价目', body: '', url: 'https://example.org/a' }],
} as unknown as SessionFace;

const changed = (change: (form: SessionForm) => void): SessionForm => {
  const form = formOf(face);
  change(form);
  return form;
};

describe('a form', () => {
  it('sends back what it was made from', () => {
    expect(requestOf(formOf(face))).toMatchObject({
      department_ids: ['d1'],
      segments: [{ id: 's1', title: '开场' }, { id: 's2', department_id: 'd1', planned_minutes: 20 }],
      materials: [{ title: '价目', url: 'https://example.org/a' }],
    });
    expect(Object.keys(requestOf(formOf(face)).segments[0]!)).not.toContain('row');
  });

  it('is unchanged by spaces and by rows nobody filled in', () => {
    const form = changed((f) => {
      f.title = `  ${f.title} `;
      f.segments.push({ row: 9, id: null, title: ' ', department_id: null, planned_minutes: 10 });
      f.materials.push({ row: 10, title: '', body: '', url: '' });
    });
    expect(isSame(form, formOf(face))).toBe(true);
    expect(problemsOf(form)).toEqual([]);
  });

  it.each<[string, (form: SessionForm) => void, string]>([
    ['no title', (f) => (f.title = ' '), 'empty'],
    ['a title of 101 characters', (f) => (f.title = '议'.repeat(101)), 'tooLong'],
    ['a stream that is no address', (f) => (f.stream_url = 'stream.m3u8'), 'notAddress'],
    ['a segment of no minutes', (f) => (f.segments[0]!.planned_minutes = 0), 'minutes'],
    ['a segment of 601 minutes', (f) => (f.segments[0]!.planned_minutes = 601), 'minutes'],
    ['a known segment without title', (f) => (f.segments[0]!.title = ''), 'empty'],
    ['a material without title', (f) => f.materials.push({ row: 7, title: '', body: 'text', url: '' }), 'empty'],
    ['a topic of 21 characters', (f) => f.topics.push('水'.repeat(21)), 'tooLong'],
  ])('names %s', (_, change, problem) => {
    expect(problemsOf(changed(change)).map((found) => found.problem)).toEqual([problem]);
  });
});

it('an address is of this server or of the web, and nothing else', () => {
  for (const good of ['', '/media/a.m3u8', 'https://example.org/x', 'http://example.org']) expect(isAddress(good)).toBe(true);
  const bad = ['javascript:alert(1)', '//example.org/x', 'example.org', 'https://', 'https://example.org/a b', `/${'x'.repeat(500)}`];
  for (const url of bad) expect(isAddress(url)).toBe(false);
});

it('segments follow one another from the announced start', () => {
  expect(plannedStarts_ms(formOf(face))).toEqual([1_000_000, 1_300_000]);
  expect(plannedStarts_ms({ ...formOf(face), starts_ms: null })).toEqual([]);
});

it('moving keeps every entry and stops at the ends', () => {
  expect(moveItem(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(moveItem(['a', 'b', 'c'], 2, -5)).toEqual(['c', 'a', 'b']);
  expect(moveItem(['a', 'b'], 7, 0)).toEqual(['a', 'b']);
});

it('a dragged row takes the place whose middle it has passed', () => {
  const middles = [20, 60, 100];
  expect(placeAt(middles, 0, 59)).toBe(0);
  expect(placeAt(middles, 0, 61)).toBe(1);
  expect(placeAt(middles, 0, 500)).toBe(2);
  expect(placeAt(middles, 2, 19)).toBe(0);
});
