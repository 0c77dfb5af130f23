/**
 * Which desks a person's roles open. It only decides what is offered: the server's table of rights
 * (`src/domain/policy.rs`) decides what is done.
 */
import type { Role, RoleGrant, SessionState, StaffMe } from '@/wire/types';

export type Desk = 'moderate' | 'host' | 'department' | 'edit' | 'close';

const READERS: Readonly<Record<Desk, readonly Role[]>> = {
  moderate: ['administrator', 'moderator', 'host', 'secretary', 'auditor'],
  host: ['administrator', 'host'],
  department: ['department_officer', 'host', 'secretary'],
  edit: ['administrator', 'secretary', 'host'],
  close: ['administrator', 'secretary', 'host'],
};

/** Desks in the order of a session's day. */
export const DESKS = Object.keys(READERS) as Desk[];

export const hasRole = (roles: readonly RoleGrant[], ...wanted: readonly Role[]): boolean =>
  roles.some((grant) => wanted.includes(grant.role));

/** States in which a desk has something to show. */
const WHEN: Readonly<Record<Desk, readonly SessionState[]>> = {
  moderate: ['scheduled', 'live', 'paused', 'ended', 'closed'],
  host: ['scheduled', 'live', 'paused', 'ended'],
  department: ['scheduled', 'live', 'paused', 'ended', 'closed'],
  edit: ['draft', 'scheduled', 'live', 'paused', 'ended', 'closed'],
  close: ['ended', 'closed'],
};

/** Desks to offer for a session in this state, in the order of its day. */
export const desksFor = (state: SessionState, roles: readonly RoleGrant[]): Desk[] =>
  DESKS.filter((desk) => WHEN[desk].includes(state) && mayOpen(desk, roles));

export const mayOpen = (desk: Desk, roles: readonly RoleGrant[]): boolean => hasRole(roles, ...READERS[desk]);

/** Roles in one hall. An operator is an administrator everywhere, as on the server. */
export function rolesIn(me: StaffMe | null, hall_id: string): RoleGrant[] {
  const own = me?.halls.find((entry) => entry.hall.id === hall_id)?.roles ?? [];
  const added: RoleGrant[] = me?.operator && !hasRole(own, 'administrator') ? [{ role: 'administrator', department_id: null }] : [];
  return [...added, ...own];
}

/** Who decides about posts; the others at the desk only read. */
export const mayDecide = (roles: readonly RoleGrant[], state: SessionState): boolean =>
  hasRole(roles, 'administrator', 'moderator') && state !== 'draft';

/** Who says that two questions are one; the supports of both then count for one. */
export const mayMerge = (roles: readonly RoleGrant[], state: SessionState): boolean =>
  hasRole(roles, 'administrator', 'moderator', 'host', 'secretary') && state !== 'draft' && state !== 'closed';

export const maySetPolicy = (roles: readonly RoleGrant[], state: SessionState): boolean =>
  hasRole(roles, 'administrator', 'moderator', 'host') && state !== 'closed';

export const maySanction = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator', 'moderator');

/** Erasing by law takes two: who asks, and an administrator who did not. */
export const mayAskErasure = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator', 'moderator', 'secretary');
export const mayConfirmErasure = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator');

export const mayReadAuthor = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator', 'moderator', 'auditor');

export const mayDecideAppeal = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator', 'moderator');

export const mayReadFairness = (roles: readonly RoleGrant[]): boolean =>
  hasRole(roles, 'administrator', 'host', 'moderator', 'secretary', 'auditor');

export const mayReadAudit = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator', 'auditor');

export const mayEditWords = (roles: readonly RoleGrant[]): boolean => hasRole(roles, 'administrator', 'moderator');

/** The one desk a person most likely wants in this state of the session, absent when there is nothing to do. */
export function deskFirst(state: SessionState, roles: readonly RoleGrant[]): Desk | undefined {
  const wishes: Readonly<Record<SessionState, readonly Desk[]>> = {
    draft: ['edit'],
    scheduled: ['moderate', 'edit', 'department'],
    live: ['moderate', 'host', 'department'],
    paused: ['host', 'moderate', 'department'],
    ended: ['close', 'department', 'moderate'],
    closed: ['close'],
  };
  const primary = (desk: Desk): boolean => {
    // The desk that belongs to the role comes before those the role may also look at.
    if (desk === 'moderate') return hasRole(roles, 'moderator', 'auditor') || (hasRole(roles, 'administrator') && !hasRole(roles, 'host'));
    if (desk === 'department') return hasRole(roles, 'department_officer');
    if (desk === 'host') return hasRole(roles, 'host');
    return mayOpen(desk, roles);
  };
  return wishes[state].find(primary) ?? wishes[state].find((desk) => mayOpen(desk, roles));
}

/** Addresses of the desks of a session. */
export const deskPath = (desk: Desk, session_id: string): string => `/staff/s/${session_id}/${desk}`;
