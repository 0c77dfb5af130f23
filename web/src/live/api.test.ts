import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, ApiError } from './api';

function answerWith(status: number, body: string): ReturnType<typeof vi.fn> {
  const fetched = vi.fn(() => Promise.resolve(new Response(status === 204 ? null : body, { status })));
  vi.stubGlobal('fetch', fetched);
  return fetched;
}
const failure = (promise: Promise<unknown>): Promise<ApiError> => promise.then(() => Promise.reject(new Error('was accepted')), (thrown: unknown) => thrown as ApiError);

afterEach(() => vi.unstubAllGlobals());

describe('requests', () => {
  it('that change something carry what no other site can send; reading does not', async () => {
    const fetched = answerWith(200, '{}');
    await api.put('/sessions/s1/stage', { question_id: null });
    await api.get('/halls');
    const [put, get] = fetched.mock.calls.map((call) => call[1] as RequestInit & { headers: Record<string, string> });
    expect(put?.headers['X-Yishiting']).toBe('1');
    expect(put?.body).toBe('{"question_id":null}');
    expect(get?.headers['X-Yishiting']).toBeUndefined();
    expect(get?.body).toBeUndefined();
  });

  it('leave out of the query what has no value', async () => {
    const fetched = answerWith(200, '{}');
    await api.get('/x', { query: { cursor: null, limit: 50, q: '', sort: 'support' } });
    expect(fetched.mock.calls[0]?.[0]).toBe('/api/v1/x?limit=50&sort=support');
  });

  it('name the person by the token', async () => {
    const fetched = answerWith(200, '{}');
    await api.get('/me', { token: 'secret' });
    expect((fetched.mock.calls[0]?.[1] as { headers: Record<string, string> }).headers.Authorization).toBe('Bearer secret');
  });

  it('may be answered with nothing', async () => {
    answerWith(204, '');
    await expect(api.post('/staff/logout')).resolves.toBeUndefined();
  });
});

describe('failures', () => {
  it('carry code, values and time', async () => {
    answerWith(429, '{"code":"rate_limited","message":"wait","retry_after_ms":4000,"params":{"max":"10"}}');
    const error = await failure(api.post('/x'));
    expect(error).toBeInstanceOf(ApiError);
    expect([error.code, error.status, error.retry_after_ms, error.params]).toEqual(['rate_limited', 429, 4000, { max: '10' }]);
  });

  it.each([
    [502, '<html>bad gateway</html>', 'unavailable'],
    [503, '', 'unavailable'],
    [500, 'oops', 'unexpected'],
    [200, '<html>', 'unexpected'],
  ])('of a proxy in between, %i, are told apart', async (status, body, code) => {
    answerWith(status, body);
    expect((await failure(api.get('/x'))).code).toBe(code);
  });

  it('of the line are offline', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed to fetch')));
    expect((await failure(api.get('/x'))).code).toBe('offline');
  });
});
