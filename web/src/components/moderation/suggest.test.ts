import { expect, it } from 'vitest';
import { suggestReason } from './suggest';

const offered = ['off_topic', 'personal_data', 'insult', 'other'];

it('a phone number suggests personal data, an insult an insult', () => {
  expect(suggestReason(['mobile'], offered)).toBe('personal_data');
  expect(suggestReason(['word', 'abuse'], offered)).toBe('insult');
});

it('a reason the hands have themselves comes first', () => {
  expect(suggestReason(['personal_data'], offered)).toBe('personal_data');
});

it('nothing found, or nothing that is offered, suggests nothing', () => {
  expect(suggestReason([], offered)).toBeUndefined();
  expect(suggestReason(['first_post', 'drugs', 'unheard_of'], offered)).toBeUndefined();
});
