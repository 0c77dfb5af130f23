import { describe, expect, it } from 'vitest';
import { effectScope, nextTick, ref, shallowRef } from 'vue';
import { keptEntries, useReadingList } from './readingList';
import { Heights, offsetsOf, windowOf } from './windowOf';

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

  it('never shows again what was removed, though only the latest removals are told', () => {
    const list = make();
    list.still.value = true;
    list.removed.value = new Set(['b']);
    list.removed.value = new Set(['x']);
    list.source.value = [entry('d')];
    expect([ids(list.shown.value), list.fresh.value]).toEqual(['a', 1]);
  });

  it('draws nothing while only others come', () => {
    const list = make();
    list.still.value = true;
    const before = list.shown.value;
    list.source.value = [entry('c'), ...list.source.value];
    expect(list.fresh.value).toBe(1);
    expect(list.shown.value).toBe(before);
  });

  it('is a plain function of what it is made of', () => {
    const frozen = [entry('a'), entry('b')];
    expect(ids(keptEntries(frozen, new Map([['a', entry('a', 'a2')]]), keyOf))).toBe('a2 b');
    expect(keptEntries(frozen, new Map(frozen.map((it) => [it.id, it])), keyOf)).toBe(frozen);
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

describe('heights that were learned', () => {
  it('are news only once', () => {
    const heights = new Heights();
    expect([heights.learn('a', 40), heights.learn('a', 40), heights.learn('a', 41), heights.of('a')]).toEqual([true, false, true, 41]);
  });

  it('stay bounded in a full list that changes all its entries', () => {
    const heights = new Heights();
    for (let n = 0; n < 200_000; n += 1) {
      heights.learn(`c${n}`, 40);
      heights.tidy(100, () => Array.from({ length: 100 }, (_, back) => `c${n - back}`));
      if (heights.size > 1_100) throw new Error(`${heights.size} are kept`);
    }
    expect(heights.of('c199999')).toBe(40);
  });
});
