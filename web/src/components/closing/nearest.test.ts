import { describe, expect, it } from 'vitest';
import { nearestFinder } from './nearest';

const questions = [
  { id: 'a', body: '阶梯水价是按户还是按人口计算？' },
  { id: 'b', body: '请问阶梯水价到底按户算还是按人口算' },
  { id: 'c', body: '老旧小区燃气管道什么时候改造？' },
  { id: 'd', body: '合表用户的电价能不能降一点' },
  { id: 'e', body: '？！' },
];
const nearest = nearestFinder(questions);
const ids = (id: string, count = 3): string[] => {
  const to = questions.find((question) => question.id === id);
  return to ? nearest(to, count).map(({ item }) => item.id) : [];
};

describe('the nearest questions', () => {
  it('ask the same in other words', () => {
    expect(ids('a')).toEqual(['b']);
    expect(ids('b')).toEqual(['a']);
  });

  it('are none for one like no other, and none for one without words', () => {
    expect(ids('c')).toEqual([]);
    expect(ids('e')).toEqual([]);
  });

  it('come most alike first and no more than asked for', () => {
    const many = nearestFinder([{ id: 'x', body: '阶梯水价按户' }, ...questions]);
    const found = many({ id: 'new', body: '阶梯水价按户还是按人口' }, 2);
    expect(found).toHaveLength(2);
    expect(found[0]?.likeness).toBeGreaterThanOrEqual(found[1]?.likeness ?? 1);
  });

  it('are found among 300 questions of 500 characters fast enough to type along', () => {
    const words = '水电气价格安全管道改造小区用户阶梯计算供应停复检修';
    const long = Array.from({ length: 300 }, (_, i) => ({
      id: `q${i}`,
      body: Array.from({ length: 500 }, (_unused, j) => words[(i * 7 + j * (3 + (i % 11))) % words.length]).join(''),
    }));
    const find = nearestFinder(long);
    const began = performance.now();
    for (const question of long.slice(0, 20)) find(question, 3);
    expect((performance.now() - began) / 20).toBeLessThan(50);
  });
});
