/** The form of a prepared session: from the wire, back to it, and what is wrong with it before it is sent. */
import type { PreparedSession, SessionFace, SessionKind, SessionRequest } from '@/wire/types';

/** Limits of the server, `src/domain/session.rs`; the form says so before the server has to. */
export const LIMITS = {
  title_chars: 100,
  intro_chars: 2_000,
  name_chars: 50,
  topic_chars: 20,
  topics: 20,
  segments: 50,
  materials: 50,
  minutes: 600,
  url_bytes: 500,
} as const;

/** In the order they are offered. */
export const KINDS_OF_SESSION: readonly SessionKind[] = ['consultation', 'interview', 'lecture', 'deliberation'];

/** Rows need a name of their own while they have no id yet, so that moving them keeps the focus. */
let rows = 0;
export const nextRow = (): number => ++rows;

export interface SegmentRow {
  row: number;
  id: string | null;
  title: string;
  department_id: string | null;
  planned_minutes: number;
}

export interface MaterialRow {
  row: number;
  title: string;
  body: string;
  url: string;
}

export interface SessionForm extends Omit<SessionRequest, 'segments' | 'materials'> {
  segments: SegmentRow[];
  materials: MaterialRow[];
}

export function formOf(session: SessionFace): SessionForm {
  return {
    kind: session.kind,
    title: session.title,
    intro: session.intro,
    venue: session.venue,
    host_name: session.host_name,
    starts_ms: session.starts_ms,
    stream_url: session.stream_url,
    topics: [...session.topics],
    department_ids: session.departments.map((department) => department.id),
    segments: session.segments.map(({ id, title, department_id, planned_minutes }) => ({
      row: nextRow(),
      id,
      title,
      department_id,
      planned_minutes,
    })),
    materials: session.materials.map(({ title, body, url }) => ({ row: nextRow(), title, body, url })),
  };
}

/** What the server takes: without the rows' own names, without spaces around, without rows nobody filled in. */
export function requestOf(form: SessionForm): SessionRequest {
  return {
    kind: form.kind,
    title: form.title.trim(),
    intro: form.intro.trim(),
    venue: form.venue.trim(),
    host_name: form.host_name.trim(),
    starts_ms: form.starts_ms,
    stream_url: form.stream_url.trim(),
    topics: form.topics.map((topic) => topic.trim()).filter(Boolean),
    department_ids: form.department_ids,
    segments: form.segments
      .filter((segment) => segment.title.trim() !== '' || segment.id !== null)
      .map(({ id, title, department_id, planned_minutes }) => ({ id, title: title.trim(), department_id, planned_minutes })),
    materials: form.materials
      .filter((material) => material.title.trim() !== '' || material.body.trim() !== '' || material.url.trim() !== '')
      .map(({ title, body, url }) => ({ title: title.trim(), body: body.trim(), url: url.trim() })),
  };
}

/** Whether two states of the form would be sent alike. */
export function isSame(a: SessionForm, b: SessionForm): boolean {
  return JSON.stringify(requestOf(a)) === JSON.stringify(requestOf(b));
}

/** Where something is wrong, and which message of `staff.form.problem` says what. */
export interface Problem {
  field: 'title' | 'stream_url' | 'topics' | `segment-${number}` | `material-${number}`;
  problem: 'empty' | 'tooLong' | 'notAddress' | 'minutes' | 'tooMany';
}

/** An address the server takes: of this server, or `http(s)`, without white space. */
export function isAddress(url: string): boolean {
  if (url === '') return true;
  if (new TextEncoder().encode(url).length > LIMITS.url_bytes || /\s/.test(url)) return false;
  return /^https?:\/\/[^/]/.test(url) || /^\/(?!\/)/.test(url);
}

export function problemsOf(form: SessionForm): Problem[] {
  const problems: Problem[] = [];
  const title = form.title.trim();
  if (title === '') problems.push({ field: 'title', problem: 'empty' });
  else if (Array.from(title).length > LIMITS.title_chars) problems.push({ field: 'title', problem: 'tooLong' });
  if (!isAddress(form.stream_url.trim())) problems.push({ field: 'stream_url', problem: 'notAddress' });
  if (form.topics.some((topic) => Array.from(topic.trim()).length > LIMITS.topic_chars)) problems.push({ field: 'topics', problem: 'tooLong' });
  else if (form.topics.length > LIMITS.topics) problems.push({ field: 'topics', problem: 'tooMany' });
  for (const segment of form.segments) {
    const minutes = segment.planned_minutes;
    if (segment.title.trim() === '' && segment.id !== null) problems.push({ field: `segment-${segment.row}`, problem: 'empty' });
    else if (!Number.isInteger(minutes) || minutes < 1 || minutes > LIMITS.minutes) problems.push({ field: `segment-${segment.row}`, problem: 'minutes' });
  }
  for (const material of form.materials) {
    const used = material.body.trim() !== '' || material.url.trim() !== '';
    if (used && material.title.trim() === '') problems.push({ field: `material-${material.row}`, problem: 'empty' });
    else if (!isAddress(material.url.trim())) problems.push({ field: `material-${material.row}`, problem: 'notAddress' });
  }
  return problems;
}

/** When each segment begins if all keep their time, counted from the announced start; empty without one. */
export function plannedStarts_ms(form: Pick<SessionForm, 'starts_ms' | 'segments'>): number[] {
  const { starts_ms, segments } = form;
  if (starts_ms === null) return [];
  let at_ms = starts_ms;
  return segments.map((segment) => {
    const own_ms = at_ms;
    at_ms += (Number.isFinite(segment.planned_minutes) ? segment.planned_minutes : 0) * 60_000;
    return own_ms;
  });
}

/** Departments of the hall a segment may name: those that take part. */
export function takingPart(form: SessionForm, prepared: PreparedSession): PreparedSession['hall_departments'] {
  return prepared.hall_departments.filter((department) => form.department_ids.includes(department.id));
}
