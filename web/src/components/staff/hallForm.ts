/** The form of a hall: from the wire, back to it, and what is wrong with it before it is sent. */
import type { HallPage, HallRequest, PolicyFace } from '@/wire/types';
import { nextRow } from './sessionForm';

export interface DepartmentRow {
  row: number;
  id: string | null;
  name: string;
}

export interface HallForm extends Omit<HallRequest, 'departments' | 'members'> {
  departments: DepartmentRow[];
  /** One member a line, as a secretary pastes them. */
  members: string;
}

/** What a new hall starts with, as on the server (`src/domain/session.rs`): the suspicious waits, and so does every question. */
export const POLICY_DEFAULT: PolicyFace = {
  comment_tier: 'guest',
  question_tier: 'guest',
  support_tier: 'guest',
  comment_mode: 'hold_suspicious',
  question_mode: 'hold_first',
  slow_mode_s: 0,
};

export function hallFormOf(hall: HallPage | null): HallForm {
  return {
    slug: hall?.slug ?? '',
    name: hall?.name ?? '',
    body_name: hall?.body_name ?? '',
    color: hall?.color ?? '',
    intro: hall?.intro ?? '',
    rules: hall?.rules ?? '',
    contact: hall?.contact ?? '',
    policy: { ...(hall?.policy ?? POLICY_DEFAULT) },
    departments: (hall?.departments ?? []).map(({ id, name }) => ({ row: nextRow(), id, name })),
    members: (hall?.members ?? []).join('\n'),
  };
}

export function hallRequestOf(form: HallForm): HallRequest {
  return {
    slug: form.slug.trim(),
    name: form.name.trim(),
    body_name: form.body_name.trim(),
    color: form.color.trim().toLowerCase(),
    intro: form.intro.trim(),
    rules: form.rules.trim(),
    contact: form.contact.trim(),
    policy: form.policy,
    departments: form.departments.filter(({ name }) => name.trim() !== '').map(({ id, name }) => ({ id, name: name.trim() })),
    members: form.members.split('\n').map((line) => line.trim()).filter(Boolean),
  };
}

export const isSlug = (slug: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,38})[a-z0-9]$/.test(slug);

export type HallProblem = 'slug' | 'name' | 'body_name' | 'color' | 'departments';

export function hallProblemsOf(form: HallForm): HallProblem[] {
  const request = hallRequestOf(form);
  const problems: HallProblem[] = [];
  if (!isSlug(request.slug)) problems.push('slug');
  if (request.name === '') problems.push('name');
  if (request.body_name === '') problems.push('body_name');
  if (request.color !== '' && !/^#[0-9a-f]{6}$/.test(request.color)) problems.push('color');
  const names = request.departments.map(({ name }) => name);
  if (new Set(names).size < names.length) problems.push('departments');
  return problems;
}

export const isSameHall = (a: HallForm, b: HallForm): boolean => JSON.stringify(hallRequestOf(a)) === JSON.stringify(hallRequestOf(b));
