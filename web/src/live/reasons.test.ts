import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadReasons, reasonOf, reasonsOf } from './reasons';

const row = (code: string) => ({ code, zh: `${code}的意思`, en: code, by_hand: true });

/** A server whose tables the test may change; what was asked of it. */
function serve(tables: Record<string, string[]>): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (input: RequestInfo | URL) => {
    const hall = new URL(String(input), 'http://localhost').searchParams.get('hall_id') ?? '';
    asked.push(hall);
    const codes = tables[hall];
    if (!codes) throw new TypeError('the line is down');
    return new Response(JSON.stringify(codes.map(row)), { headers: { 'content-type': 'application/json' } });
  });
  return asked;
}

describe('reasons', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are those of the hall the post is in, asked for once each', async () => {
    const asked = serve({ one: ['off_topic', 'not_our_district'], two: ['off_topic'] });
    await Promise.all([loadReasons('one'), loadReasons('one'), loadReasons('two')]);
    expect(asked).toEqual(['one', 'two']);
    expect(reasonOf('one', 'not_our_district')?.zh).toBe('not_our_district的意思');
    expect(reasonsOf('two').map(({ code }) => code)).toEqual(['off_topic']);
    expect(reasonOf('two', '')).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it('a hall added since are asked for when they turn up, once', async () => {
    const tables = { late: ['off_topic'] };
    const asked = serve(tables);
    await loadReasons('late');
    tables.late.push('added');
    expect(reasonOf('late', 'added')).toBeUndefined();
    await loadReasons('late');
    expect(reasonOf('late', 'added')?.code).toBe('added');
    expect(reasonOf('late', 'nobody_knows')).toBeUndefined();
    await loadReasons('late');
    reasonOf('late', 'nobody_knows');
    await loadReasons('late');
    expect(asked).toHaveLength(3);
  });

  it('are asked for again by the next reader after the line was down', async () => {
    const tables: Record<string, string[]> = {};
    serve(tables);
    await loadReasons('down');
    expect(reasonsOf('down')).toEqual([]);
    tables.down = ['off_topic'];
    await loadReasons('down');
    expect(reasonsOf('down')).toHaveLength(1);
  });
});
