import { expect, it } from 'vitest';
import { grantFormOf, grantsOf, isLoginName, makePassword } from './accountForm';

it('a login name is what the server takes', () => {
  for (const good of ['li.na', 'a1', 'water_2-b']) expect(isLoginName(good)).toBe(true);
  for (const bad of ['', 'a', 'Li', '李娜', 'a b', 'a'.repeat(41)]) expect(isLoginName(bad)).toBe(false);
});

it('a made password is long, readable, and another one each time', () => {
  expect(makePassword()).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}$/);
  expect(makePassword()).not.toMatch(/[01ilo]/);
  expect(new Set(Array.from({ length: 50 }, () => makePassword())).size).toBe(50);
});

it('a made password favours no letter', () => {
  const bytes = [255, 250, 248, 0, 30, 31];
  let at = 0;
  const password = makePassword((array) => array.forEach((_, i) => (array[i] = bytes[at++ % bytes.length]!)));
  expect(password.replaceAll('-', '').slice(0, 3)).toBe('a9a');
});

it('rights survive the form, departments with their role', () => {
  const grants = [
    { role: 'moderator', department_id: null },
    { role: 'department_officer', department_id: 'd1' },
    { role: 'department_officer', department_id: 'd2' },
  ] as const;
  expect(grantsOf(grantFormOf(grants))).toEqual(grants);
});
