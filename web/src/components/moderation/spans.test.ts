import { expect, it } from 'vitest';
import type { FindingFace } from '@/wire/types';
import { reasonsFound, splitSpans } from './spans';

const finding = (start: number, end: number, reason = 'contact'): FindingFace => ({ rule: 'word', reason, start, end });
const shape = (body: string, ...findings: FindingFace[]): [string, number][] =>
  splitSpans(body, findings).map((piece) => [piece.text, piece.findings.length]);

it('cuts out what was found and keeps the rest', () => {
  expect(shape('加微信 abc 谢谢', finding(1, 7))).toEqual([['加', 0], ['微信 abc', 1], [' 谢谢', 0]]);
});

it('counts characters, not UTF-16 units', () => {
  expect(shape('👍🏽電話', finding(2, 4))).toEqual([['👍🏽', 0], ['電話', 1]]);
  expect(shape('𠮷野家', finding(1, 2))).toEqual([['𠮷', 0], ['野', 1], ['家', 0]]);
});

it('shows both findings where they overlap', () => {
  expect(shape('abcdef', finding(0, 4), finding(2, 6))).toEqual([['ab', 1], ['cd', 2], ['ef', 1]]);
});

it('cuts bounds to the text and marks nothing for a finding without length', () => {
  expect(shape('abc', finding(2, 99))).toEqual([['ab', 0], ['c', 1]]);
  expect(shape('abc', finding(0, 0))).toEqual([['abc', 0]]);
  expect(shape('', finding(0, 5))).toEqual([]);
});

it('never turns text into markup or loses any of it', () => {
  const body = '<img src=x onerror=1>&amp;';
  expect(splitSpans(body, [finding(1, 4), finding(3, 9)]).map((piece) => piece.text).join('')).toBe(body);
});

it('names each reason once', () => {
  expect(reasonsFound([finding(0, 1), finding(2, 3), finding(4, 5, 'abuse')])).toEqual(['contact', 'abuse']);
});
