/**
 * The HTTP interface, typed. Netizens' and staff's pages use the same four verbs:
 *
 *   const hall = await api.get<HallPage>(`/halls/${slug}`);
 *   const me = await api.post<StaffMe>('/staff/login', request);
 *   try { … } catch (error) { showToast(words(error)); }        // const words = useErrorText()
 *
 * Paths are below `/api/v1`. A refusal or a lost line rejects with `ApiError`, and only with it. The staff's cookie goes
 * along by itself, and every request that changes something carries `X-Yishiting: 1`, which a page of another site
 * cannot set. A netizen's token is an option, because most reading needs nobody.
 */
import type { Code, ErrorMessage } from '@/wire/types';

/** The codes of the server and the two only a page can know: the line is down; the answer was none of ours. */
export type FailureCode = Code | 'offline' | 'unexpected';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: FailureCode;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  /** When trying again may help. */
  readonly retry_after_ms: number | undefined;
  /** Values for the wording. */
  readonly params: Readonly<Record<string, string>>;

  constructor(code: FailureCode, status: number, refusal: Partial<ErrorMessage> = {}) {
    super(refusal.message ?? code);
    this.code = code;
    this.status = status;
    this.retry_after_ms = refusal.retry_after_ms;
    this.params = (refusal.params ?? {}) as Record<string, string>;
  }
}

export interface RequestOptions {
  /** Token of a netizen. */
  token?: string | null;
  /** Values of the query; null and undefined are left out. */
  query?: Readonly<Record<string, string | number | null | undefined>>;
  signal?: AbortSignal;
  /** Sent even though the page is being left. */
  keepalive?: boolean;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const BASE = '/api/v1';
/** Longer than a phone on a bad line needs, shorter than a person waits. */
const TIMEOUT_MS = 20_000;

export const api = {
  get: <T>(path: string, options?: RequestOptions): Promise<T> => request<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> => request<T>('POST', path, body ?? {}, options),
  put: <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> => request<T>('PUT', path, body ?? {}, options),
  patch: <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> => request<T>('PATCH', path, body ?? {}, options),
  delete: <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> => request<T>('DELETE', path, body, options),
};

/** Anything thrown, as an `ApiError`. */
export function toApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError('unexpected', 0, { message: String(thrown) });
}

async function request<T>(method: Method, path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-Yishiting'] = '1';
  if (options.token) headers.Authorization = `Bearer ${options.token}`;

  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TIMEOUT_MS);
  const abort = (): void => giveUp.abort();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const response = await fetch(BASE + path + queryText(options.query), {
      method,
      headers,
      credentials: 'same-origin',
      signal: giveUp.signal,
      ...(options.keepalive ? { keepalive: true } : {}),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await answer<T>(response);
  } catch (thrown) {
    if (thrown instanceof ApiError) throw thrown;
    throw new ApiError('offline', 0, { message: String(thrown) });
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abort);
  }
}

async function answer<T>(response: Response): Promise<T> {
  const text = await response.text();
  const value = parse(text);
  if (response.ok) {
    if (text !== '' && value === undefined) throw new ApiError('unexpected', response.status);
    return value as T;
  }
  const refusal = value as Partial<ErrorMessage> | undefined;
  // A proxy in between answers with pages of its own.
  if (typeof refusal?.code !== 'string') throw new ApiError(response.status >= 502 ? 'unavailable' : 'unexpected', response.status);
  throw new ApiError(refusal.code, response.status, refusal);
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function queryText(query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length > 0 ? `?${new URLSearchParams(pairs).toString()}` : '';
}
