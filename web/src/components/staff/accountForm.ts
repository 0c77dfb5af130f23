/** Rules of a new account and its first password, and of what it may do in a hall. */
import type { Role, RoleGrant } from '@/wire/types';

/** 2 to 40 of `a-z 0-9 . _ -`, `src/domain/staff.rs`. */
export const isLoginName = (name: string): boolean => /^[a-z0-9._-]{2,40}$/.test(name);

/** Shortest password, in characters. */
export const PASSWORD_CHARS_MIN = 10;

/** Letters and digits nobody takes for one another on paper. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password to hand over on paper: three groups of five, 74 bits. `random` fills the array with random bytes. */
export function makePassword(random: (bytes: Uint8Array<ArrayBuffer>) => unknown = (bytes) => crypto.getRandomValues(bytes)): string {
  const letters: string[] = [];
  // Bytes above the largest multiple of the alphabet would favour its first letters.
  const limit = 256 - (256 % ALPHABET.length);
  while (letters.length < 15) {
    const bytes = new Uint8Array(32);
    random(bytes);
    for (const byte of bytes) if (byte < limit && letters.length < 15) letters.push(ALPHABET.charAt(byte % ALPHABET.length));
  }
  return [0, 5, 10].map((at) => letters.slice(at, at + 5).join('')).join('-');
}

/** Roles without a department, in the order they are offered. */
export const PLAIN_ROLES: readonly Role[] = ['administrator', 'host', 'moderator', 'secretary', 'auditor'];

/** What the form of rights holds. */
export interface GrantForm {
  roles: Role[];
  /** Departments the account answers for. */
  department_ids: string[];
}

export function grantFormOf(grants: readonly RoleGrant[]): GrantForm {
  return {
    roles: PLAIN_ROLES.filter((role) => grants.some((grant) => grant.role === role)),
    department_ids: grants.flatMap((grant) => (grant.role === 'department_officer' && grant.department_id ? [grant.department_id] : [])),
  };
}

export function grantsOf(form: GrantForm): RoleGrant[] {
  return [
    ...form.roles.map((role) => ({ role, department_id: null })),
    ...form.department_ids.map((department_id) => ({ role: 'department_officer' as const, department_id })),
  ];
}
