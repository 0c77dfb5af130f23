import { describe, expect, it } from 'vitest';
import { append, dropInto, moveTo, NEXT_UP_MAX, pressKey, remove } from './nextUp';

const list = ['a', 'b', 'c', 'd'];
const full = Array.from({ length: NEXT_UP_MAX }, (_, i) => `q${i}`);

describe('the list of what comes next', () => {
  it('takes a question once, at its end', () => {
    expect(append(list, 'e')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(append(list, 'b')).toBe(list);
  });

  it('takes no more than the server does', () => {
    expect(append(full, 'new')).toBe(full);
    expect(dropInto(full, 'new', 0)).toBe(full);
  });

  it('loses one and keeps the others in order', () => {
    expect(remove(list, 'b')).toEqual(['a', 'c', 'd']);
  });

  it('moves within its bounds', () => {
    expect(moveTo(list, 'a', 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moveTo(list, 'd', 99)).toBe(list);
    expect(moveTo(list, 'c', -5)).toEqual(['c', 'a', 'b', 'd']);
    expect(moveTo(list, 'stranger', 0)).toBe(list);
  });
});

describe('dragging', () => {
  it.each([
    ['a', 0, 'abcd'],
    ['a', 1, 'abcd'],
    ['a', 2, 'bacd'],
    ['a', 4, 'bcda'],
    ['d', 0, 'dabc'],
    ['d', 3, 'abcd'],
    ['c', 1, 'acbd'],
    ['x', 0, 'xabcd'],
    ['x', 4, 'abcdx'],
  ])('%s into gap %i gives %s', (id, gap, expected) => {
    expect(dropInto(list, id, gap).join('')).toBe(expected);
  });

  it('never loses or doubles an entry, wherever it is dropped', () => {
    for (const id of list) {
      for (let gap = 0; gap <= list.length; gap++) expect([...dropInto(list, id, gap)].sort()).toEqual(list);
    }
  });
});

describe('keys on an entry', () => {
  const key = (name: string, altKey = false): { key: string; altKey: boolean } => ({ key: name, altKey });

  it('arrows walk, and stop at the ends', () => {
    expect(pressKey(list, 'b', key('ArrowDown'))).toEqual({ ids: list, focus: 'c' });
    expect(pressKey(list, 'a', key('ArrowUp'))).toEqual({ ids: list, focus: 'a' });
    expect(pressKey(list, 'b', key('End'))).toEqual({ ids: list, focus: 'd' });
  });

  it('arrows with Alt move the entry and keep it under the finger', () => {
    expect(pressKey(list, 'b', key('ArrowUp', true))).toEqual({ ids: ['b', 'a', 'c', 'd'], focus: 'b' });
    expect(pressKey(list, 'b', key('Home', true))).toEqual({ ids: ['b', 'a', 'c', 'd'], focus: 'b' });
  });

  it('Delete removes it and goes on to the next, at the end to the one before', () => {
    expect(pressKey(list, 'b', key('Delete'))).toEqual({ ids: ['a', 'c', 'd'], focus: 'c' });
    expect(pressKey(list, 'd', key('Delete'))).toEqual({ ids: ['a', 'b', 'c'], focus: 'c' });
    expect(pressKey(['a'], 'a', key('Delete'))).toEqual({ ids: [], focus: null });
  });

  it('others are left to the page', () => {
    expect(pressKey(list, 'b', key('s'))).toBeNull();
    expect(pressKey(list, 'gone', key('ArrowUp'))).toBeNull();
  });
});
