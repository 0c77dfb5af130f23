import { describe, expect, it } from 'vitest';
import { formatBytes } from './fileSize';
import { runAll } from './runAll';

describe('settling many', () => {
  it('goes on after one that fails, and names it', async () => {
    const seen: string[] = [];
    const reports: number[] = [];
    const run = await runAll(
      ['a', 'b', 'c'],
      (item) => {
        seen.push(item);
        return item === 'b' ? Promise.reject(new Error('no')) : Promise.resolve();
      },
      ({ done }) => reports.push(done),
    );
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(reports).toEqual([0, 1, 2, 3]);
    expect(run.failed.map(({ item }) => item)).toEqual(['b']);
  });

  it('does one at a time', async () => {
    let inFlight = 0;
    let most = 0;
    await runAll(
      [1, 2, 3],
      async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await Promise.resolve();
        inFlight -= 1;
      },
      () => undefined,
    );
    expect(most).toBe(1);
  });
});

it.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [18_842, '18.4 KB'],
  [5 * 1024 * 1024, '5 MB'],
  [250 * 1024 * 1024 + 900_000, '251 MB'],
])('%i bytes are %s', (bytes, said) => {
  expect(formatBytes(bytes, 'en')).toBe(said);
});
