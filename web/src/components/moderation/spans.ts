/** A text cut where screening found something, so that each piece is shown as text and never as markup. */
import type { FindingFace } from '@/wire/types';

export interface TextPiece {
  text: string;
  /** What was found here; empty for ordinary text. */
  findings: readonly FindingFace[];
}

/**
 * Pieces of `body` in order; together they are the whole of it.
 *
 * Findings count Unicode scalar values, JavaScript counts UTF-16 units, hence the array. Bounds outside the text
 * are cut to it; a finding of no length concerns the whole text and marks nothing.
 */
export function splitSpans(body: string, findings: readonly FindingFace[]): TextPiece[] {
  const characters = Array.from(body);
  const within = (position: number): number => Math.min(Math.max(position, 0), characters.length);
  const spans = findings
    .map((finding) => ({ finding, start: within(finding.start), end: within(finding.end) }))
    .filter((span) => span.start < span.end);
  const cuts = [...new Set([0, characters.length, ...spans.flatMap((span) => [span.start, span.end])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((start, i) => ({
    text: characters.slice(start, cuts[i + 1]).join(''),
    findings: spans.filter((span) => span.start <= start && start < span.end).map((span) => span.finding),
  }));
}

/** Different reasons among findings, in the order found. */
export function reasonsFound(findings: readonly FindingFace[]): string[] {
  return [...new Set(findings.map((finding) => finding.reason))].filter(Boolean);
}
