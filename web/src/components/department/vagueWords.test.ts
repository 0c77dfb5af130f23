import { describe, expect, it } from 'vitest';
import { findVagueWords } from './vagueWords';

const words = (text: string): string[] => findVagueWords(text).map(({ word }) => word);

describe('vague words', () => {
  it.each([
    ['我们将尽快组织抢修。', ['尽快']],
    ['近期会适时安排改造。', ['近期', '适时']],
    ['方案即将出台，逐步推开。', ['即将', '逐步']],
    ['待时机成熟后，由有关部门研究。', ['时机成熟', '有关部门']],
    ['We will reply shortly.', ['shortly']],
  ])('are found in %s', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it.each([
    ['7 月 15 日前完成改造。'],
    ['最近期待改造的小区有 12 个。'],
    ['附近期房项目已通气。'],
    ['Sooner or later is not soonest.'],
    [''],
  ])('are not seen where there are none: %s', (text) => {
    expect(words(text)).toEqual([]);
  });

  it('are left alone in a sentence that says when', () => {
    expect(words('我们将尽快完成，最迟 2027-03-31 前通气。')).toEqual([]);
    expect(words('尽快整改，3 个工作日内答复。')).toEqual([]);
    expect(words('争取一周内通水。')).toEqual([]);
    expect(words('尽快整改 3 个小区、5 号楼。')).toEqual(['尽快']);
    expect(words('3 日内上门。其余小区尽快安排。')).toEqual(['尽快']);
  });

  it('are named once and with their place', () => {
    expect(findVagueWords('会尽快。真的尽快。')).toEqual([{ word: '尽快', start: 1 }]);
  });
});
