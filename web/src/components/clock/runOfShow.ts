/** How a session stands against its plan. Plain functions: segments and the time in, facts out. */
import type { SegmentFace } from '@/wire/types';

export type SegmentStanding = 'waiting' | 'running' | 'done';

export interface SegmentFacts {
  segment: SegmentFace;
  standing: SegmentStanding;
  planned_ms: number;
  /** Time spent on it so far. */
  used_ms: number;
  /** Time beyond the plan; 0 while within it. */
  over_ms: number;
}

export interface ShowFacts {
  segments: SegmentFacts[];
  running: SegmentFacts | null;
  /** The first one that has not begun. */
  next: SegmentFacts | null;
  planned_ms: number;
  used_ms: number;
  /** How far behind (positive) or ahead (negative) of the plan the whole show is. */
  drift_ms: number;
  /** When the last segment ends if what is left keeps its plan; null before the first begins and after the last. */
  ends_ms: number | null;
}

const MINUTE_MS = 60_000;

export function segmentFacts(segment: SegmentFace, now_ms: number): SegmentFacts {
  const planned_ms = segment.planned_minutes * MINUTE_MS;
  const standing = segment.started_ms === null ? 'waiting' : segment.ended_ms === null ? 'running' : 'done';
  const used_ms = segment.started_ms === null ? 0 : Math.max(0, (segment.ended_ms ?? now_ms) - segment.started_ms);
  return { segment, standing, planned_ms, used_ms, over_ms: Math.max(0, used_ms - planned_ms) };
}

export function showFacts(segments: readonly SegmentFace[], now_ms: number): ShowFacts {
  const facts = segments.map((segment) => segmentFacts(segment, now_ms));
  const running = facts.find((fact) => fact.standing === 'running') ?? null;
  const next = facts.find((fact) => fact.standing === 'waiting') ?? null;
  const begun = facts.some((fact) => fact.standing !== 'waiting');
  const sum = (of: (fact: SegmentFacts) => number): number => facts.reduce((total, fact) => total + of(fact), 0);
  const left_ms = sum((fact) => {
    if (fact.standing === 'done') return 0;
    return Math.max(0, fact.planned_ms - fact.used_ms);
  });
  return {
    segments: facts,
    running,
    next,
    planned_ms: sum((fact) => fact.planned_ms),
    used_ms: sum((fact) => fact.used_ms),
    // A running segment within its plan is neither early nor late yet.
    drift_ms: sum((fact) => (fact.standing === 'done' ? fact.used_ms - fact.planned_ms : fact.over_ms)),
    ends_ms: begun && (running || next) ? now_ms + left_ms : null,
  };
}
