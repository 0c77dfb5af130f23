import { describe, expect, it } from 'vitest';
import type { SegmentFace } from '@/wire/types';
import { segmentFacts, showFacts } from './runOfShow';

const MINUTE_MS = 60_000;
const NOW = 1_800_000_000_000;

function segment(id: string, planned_minutes: number, startedAgo: number | null, endedAgo: number | null = null): SegmentFace {
  const ago = (minutes: number | null): number | null => (minutes === null ? null : NOW - minutes * MINUTE_MS);
  return { id, title: id, department_id: null, planned_minutes, started_ms: ago(startedAgo), ended_ms: ago(endedAgo) };
}

describe('a segment', () => {
  it('that has not begun has used nothing', () => {
    expect(segmentFacts(segment('a', 10, null), NOW)).toMatchObject({ standing: 'waiting', used_ms: 0, over_ms: 0 });
  });

  it('runs over by what exceeds its plan', () => {
    expect(segmentFacts(segment('a', 10, 12), NOW)).toMatchObject({ standing: 'running', used_ms: 12 * MINUTE_MS, over_ms: 2 * MINUTE_MS });
  });

  it('keeps its length once it has ended', () => {
    expect(segmentFacts(segment('a', 10, 30, 22), NOW)).toMatchObject({ standing: 'done', used_ms: 8 * MINUTE_MS, over_ms: 0 });
  });

  it('begun by a clock ahead of ours has used nothing instead of less', () => {
    expect(segmentFacts(segment('a', 10, -1), NOW).used_ms).toBe(0);
  });
});

describe('the show', () => {
  it('is behind by what ended segments and the overrun took beyond their plan, and ends that much later', () => {
    const facts = showFacts([segment('a', 10, 40, 27), segment('b', 20, 25), segment('c', 30, null)], NOW);
    expect(facts.running?.segment.id).toBe('b');
    expect(facts.next?.segment.id).toBe('c');
    expect(facts.drift_ms).toBe((3 + 5) * MINUTE_MS);
    expect(facts.ends_ms).toBe(NOW + 30 * MINUTE_MS);
  });

  it('is ahead when a segment ended early, and a running one within its plan changes nothing', () => {
    expect(showFacts([segment('a', 10, 20, 14), segment('b', 20, 5)], NOW).drift_ms).toBe(-4 * MINUTE_MS);
  });

  it('has no end before it begins and none after the last segment', () => {
    expect(showFacts([segment('a', 10, null)], NOW).ends_ms).toBeNull();
    expect(showFacts([segment('a', 10, 20, 5)], NOW).ends_ms).toBeNull();
    expect(showFacts([], NOW)).toMatchObject({ running: null, next: null, ends_ms: null, planned_ms: 0 });
  });
});
