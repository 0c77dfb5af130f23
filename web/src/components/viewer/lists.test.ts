import { describe, expect, it } from 'vitest';
import { effectScope, nextTick, ref, shallowRef } from 'vue';
import { keptEntries, useReadingList } from './readingList';
import { offsetsOf, windowOf } from './windowOf';

interface Entry {
  id: string;
  text: string;
}
const entry = (id: string, text = id): Entry => ({ id, text });
const keyOf = (it: Entry): string => it.id;
const ids = (list: readonly Entry[]): string => list.map((it) => it.text).join(' ');

describe('a list one is reading', () => {
  function make(): ReturnType<typeof useReadingList<Entry>> & { source: { value: readonly Entry[] }; still: { value: boolean }; removed: { value: ReadonlySet<string> } } {
    const source = shallowRef<readonly Entry[]>([entry('b'), entry('a')]);
    const still = ref(false);
    const removed = shallowRef<ReadonlySet<string>>(new Set());
    const list = effectScope().run(() => useReadingList<Entry>({ source, keyOf, still, removed }));
    if (!list) throw new Error('no scope');
    return { ...list, source, still, removed };
  }

  it('shows what comes while one is at its top', () => {
    const list = make();
    list.source.value = [entry('c'), ...list.source.value];
    expect([ids(list.shown.value), list.fresh.value]).toEqual(['c b a', 0]);
  });

  it('does not move while one is further down; what comes is counted', async () => {
    const list = make();
    list.still.value = true;
    await nextTick();
    list.source.value = [entry('d'), entry('c'), entry('b', 'b2'), entry('a')];
    expect([ids(list.shown.value), list.fresh.value]).toEqual(['b2 a', 2]);
    list.still.value = false;
    expect([ids(list.shown.value), list.fresh.value]).toEqual(['d c b2 a', 0]);
  });

  it('loses what was removed at once and keeps what was only pruned', () => {
    const list = make();
    list.still.value = true;
    list.source.value = [entry('c')];
    list.removed.value = new Set(['b']);
    expect(ids(list.shown.value)).toBe('a');
  });

  it('shows everything when asked, and rests again from there', () => {
    const list = make();
    list.still.value = true;
    list.source.value = [entry('c'), ...list.source.value];
    list.release();
    expect([ids(list.shown.value), list.fresh.value]).toEqual(['c b a', 0]);
    list.source.value = [entry('d'), ...list.source.value];
    expect([ids(list.shown.value), list.fresh.value]).toEqual(['c b a', 1]);
  });

  it('is a plain function of what it is made of', () => {
    const kept = keptEntries([entry('a'), entry('b')], new Map([['a', entry('a', 'a2')]]), new Set(['b']), keyOf);
    expect(ids(kept)).toBe('a2');
  });
});

describe('the part of a list near the screen', () => {
  const offsets = offsetsOf(100, (at) => (at % 2 === 0 ? 10 : 30));

  it('covers the screen and nothing far from it', () => {
    for (let top = -50; top < 2_100; top += 7) {
      const { from, to, before_px, after_px } = windowOf(offsets, top, top + 200);
      expect(before_px + after_px + ((offsets[to] as number) - (offsets[from] as number))).toBe(2_000);
      if (top >= 0 && top < 2_000) {
        expect(before_px).toBeLessThanOrEqual(top);
        expect(2_000 - after_px).toBeGreaterThanOrEqual(Math.min(2_000, top + 200));
      }
      expect(to - from).toBeLessThanOrEqual(14);
    }
  });

  it('of an empty list is empty', () => {
    expect(windowOf(offsetsOf(0, () => 10), 0, 500)).toEqual({ from: 0, to: 0, before_px: 0, after_px: 0 });
  });
});
