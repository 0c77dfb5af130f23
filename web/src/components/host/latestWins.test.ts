import { describe, expect, it } from 'vitest';
import { latestWins } from './latestWins';

/** A server whose answers come when the test says so. */
function slowServer(): { sent: string[]; answer: (error?: unknown) => Promise<void>; send: (value: string) => Promise<void> } {
  const sent: string[] = [];
  let settle: (error?: unknown) => void = () => undefined;
  return {
    sent,
    send: (value) => {
      sent.push(value);
      return new Promise((resolve, reject) => {
        settle = (error) => (error === undefined ? resolve() : reject(error));
      });
    },
    answer: async (error) => {
      settle(error);
      for (let i = 0; i < 5; i++) await Promise.resolve();
    },
  };
}

describe('the newest order of the list', () => {
  it('is what the server hears last, and orders in between are skipped', async () => {
    const server = slowServer();
    const idle: unknown[] = [];
    const line = latestWins<string>({ send: server.send, onIdle: (failed) => idle.push(failed) });
    line.push('a');
    line.push('b');
    line.push('c');
    expect(server.sent).toEqual(['a']);
    await server.answer();
    expect(server.sent).toEqual(['a', 'c']);
    expect(idle).toEqual([]);
    await server.answer();
    expect(idle).toEqual([undefined]);
  });

  it('refused is told, refused and replaced is not', async () => {
    const server = slowServer();
    const idle: unknown[] = [];
    const line = latestWins<string>({ send: server.send, onIdle: (failed) => idle.push(failed) });
    line.push('a');
    line.push('b');
    await server.answer('no');
    await server.answer();
    line.push('c');
    await server.answer('no');
    expect(idle).toEqual([undefined, 'no']);
  });
});
