import { describe, expect, it } from 'vitest';
import type { Role, RoleGrant, StaffMe } from '@/wire/types';
import { DESKS, deskFirst, desksFor, mayDecide, mayOpen, rolesIn } from './rights';

const grants = (...roles: Role[]): RoleGrant[] => roles.map((role) => ({ role, department_id: null }));
const me = (operator: boolean, roles: RoleGrant[]): StaffMe =>
  ({ id: 's', login_name: 's', name: 's', operator, halls: [{ hall: { id: 'h1' }, roles, sessions: [] }] }) as unknown as StaffMe;

describe('roles', () => {
  it('of an operator include the administrator of every hall', () => {
    expect(rolesIn(me(true, []), 'h1')).toEqual(grants('administrator'));
    expect(rolesIn(me(true, []), 'elsewhere')).toEqual(grants('administrator'));
    expect(rolesIn(me(true, grants('administrator')), 'h1')).toEqual(grants('administrator'));
  });

  it('of one hall say nothing about another', () => {
    expect(rolesIn(me(false, grants('moderator')), 'h2')).toEqual([]);
    expect(rolesIn(null, 'h1')).toEqual([]);
  });
});

describe('desks', () => {
  it('open to nobody without a role', () => {
    expect(DESKS.filter((desk) => mayOpen(desk, []))).toEqual([]);
  });

  it('are offered only while they have something to show', () => {
    expect(desksFor('draft', grants('administrator'))).toEqual(['edit']);
    expect(desksFor('live', grants('administrator'))).toEqual(['moderate', 'host', 'edit']);
    expect(desksFor('closed', grants('secretary'))).toEqual(['moderate', 'department', 'edit', 'close']);
  });

  it('an auditor reads the queue and decides nothing', () => {
    expect(mayOpen('moderate', grants('auditor'))).toBe(true);
    expect(mayDecide(grants('auditor'), 'live')).toBe(false);
    expect(mayDecide(grants('moderator'), 'live')).toBe(true);
    expect(mayDecide(grants('moderator'), 'draft')).toBe(false);
  });

  it.each([
    ['live', 'moderator', 'moderate'],
    ['live', 'host', 'host'],
    ['live', 'department_officer', 'department'],
    ['live', 'auditor', 'moderate'],
    ['ended', 'secretary', 'close'],
    ['draft', 'secretary', 'edit'],
    ['draft', 'moderator', undefined],
  ] as const)('in a session that is %s the %s is sent to %s', (state, role, desk) => {
    expect(deskFirst(state, grants(role))).toBe(desk);
  });
});
