import { effectScope, nextTick, shallowRef } from 'vue';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackstageView } from '@/wire/types';
import { useNextUp } from './useNextUp';

/** Answers of the server, given when the test says so. */
const answers: { resolve: () => void; reject: (error: unknown) => void }[] = [];
vi.mock('@/live/api', () => ({ api: { put: () => new Promise<void>((resolve, reject) => answers.push({ resolve, reject })) } }));

const backstage = shallowRef<BackstageView | null>(null);
async function hears(next_up: string[]): Promise<void> {
  backstage.value = { next_up } as unknown as BackstageView;
  await nextTick();
}
async function isAnswered(): Promise<void> {
  answers.shift()?.resolve();
  await Promise.resolve();
  await nextTick();
}

const refused = vi.fn();
const desk = (): ReturnType<typeof useNextUp> => effectScope().run(() => useNextUp({ session_id: 's', backstage, onRefused: refused }))!;

describe('the list of what comes next', () => {
  beforeEach(async () => {
    answers.length = 0;
    refused.mockReset();
    await hears([]);
  });

  it('does not fall back to an older list when the events of quick presses come after their answers', async () => {
    const { ids, change } = desk();
    change(['a']);
    await isAnswered();
    change(['a', 'b']);
    await isAnswered();
    await hears(['a']);
    expect(ids.value).toEqual(['a', 'b']);
    await hears(['a', 'b']);
    expect(ids.value).toEqual(['a', 'b']);
  });

  it('shows what a colleague arranged after it', async () => {
    const { ids, change } = desk();
    change(['a']);
    await isAnswered();
    await hears(['a']);
    await hears(['b', 'a']);
    expect(ids.value).toEqual(['b', 'a']);
  });

  it('shows what a colleague arranged in between, once the own change is answered', async () => {
    const { ids, change } = desk();
    change(['a']);
    await isAnswered();
    await hears(['c']);
    expect(ids.value).toEqual(['c']);
  });

  it('is content when several of its changes are heard as one', async () => {
    const { ids, change } = desk();
    change(['a']);
    await isAnswered();
    change(['b']);
    await isAnswered();
    change(['a']);
    await isAnswered();
    await hears(['a']);
    await hears(['b']);
    expect(ids.value).toEqual(['b']);
  });

  it('goes back to the server\'s list when a change is refused', async () => {
    const { ids, change } = desk();
    await hears(['x']);
    change(['x', 'y']);
    expect(ids.value).toEqual(['x', 'y']);
    answers.shift()?.reject(new Error('no'));
    await vi.waitFor(() => expect(refused).toHaveBeenCalledOnce());
    expect(ids.value).toEqual(['x']);
  });
});
