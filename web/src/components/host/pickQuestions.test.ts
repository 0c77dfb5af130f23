import { describe, expect, it } from 'vitest';
import { questionFace } from './faces.fixture';
import { pickQuestions, supportRate, type PickOptions } from './pickQuestions';

const NOW = 1_800_000_000_000;
const minutesAgo = (n: number): number => NOW - n * 60_000;
const questions = [
  questionFace({ id: 'old', number: 1, supports: 300, at_ms: minutesAgo(2_000), body: '阶梯水价怎么算' }),
  questionFace({ id: 'fresh', number: 12, supports: 30, at_ms: minutesAgo(12), body: '老小区燃气管道什么时候改造', place: '桂花苑' }),
  questionFace({ id: 'newest', number: 13, supports: 1, at_ms: minutesAgo(1), topic: '电费', department_id: 'power' }),
  questionFace({ id: 'answered', number: 3, supports: 500, disposition: 'answered_live' }),
  questionFace({ id: 'chosen', number: 4, supports: 400 }),
];
const options: PickOptions = {
  order: 'support',
  query: '',
  taken: new Set(['chosen']),
  departmentName: (id) => (id === 'power' ? '供电公司' : ''),
  now_ms: NOW,
};
const ids = (changes: Partial<PickOptions>): string[] => pickQuestions(questions, { ...options, ...changes }).map(({ id }) => id);

describe('what the host may choose', () => {
  it('leaves out what has its disposition and what is chosen', () => {
    expect(ids({})).toEqual(['old', 'fresh', 'newest']);
  });

  it('is ordered by support, by time, or by the rate of support', () => {
    expect(ids({ order: 'newest' })).toEqual(['newest', 'fresh', 'old']);
    expect(ids({ order: 'unheard' })).toEqual(['fresh', 'old', 'newest']);
  });

  it('finds words in text, place, topic and department, all of them', () => {
    expect(ids({ query: '燃气 桂花' })).toEqual(['fresh']);
    expect(ids({ query: '供电' })).toEqual(['newest']);
    expect(ids({ query: '燃气 供电' })).toEqual([]);
  });

  it('finds a question by its number, with or without the sign', () => {
    expect(ids({ query: '#12' })).toEqual(['fresh']);
    expect(ids({ query: '13' })).toEqual(['newest']);
    expect(ids({ query: '#1' })).toEqual(['old']);
  });
});

describe('the rate of support', () => {
  it('is equal for equal support per minute, however late it was asked', () => {
    expect(supportRate({ supports: 20, at_ms: minutesAgo(10) }, NOW)).toBe(supportRate({ supports: 200, at_ms: minutesAgo(100) }, NOW));
  });
  it('of the first minutes is no more than that of ten', () => {
    expect(supportRate({ supports: 5, at_ms: minutesAgo(0) }, NOW)).toBe(0.5);
  });
});
