/**
 * Sends the newest of quickly changing values, one at a time: what is replaced before its turn is never sent, and what
 * the server hears last is what the person did last.
 */
export interface LatestWins<T> {
  /** Sends `value` now, or after the one on its way. */
  push: (value: T) => void;
}

export interface LatestWinsOptions<T> {
  send: (value: T) => Promise<unknown>;
  /** Everything sent has been answered. `failed` is the refusal of the last one, undefined when it was taken. */
  onIdle: (failed: unknown) => void;
}

export function latestWins<T>({ send, onIdle }: LatestWinsOptions<T>): LatestWins<T> {
  let waiting: { value: T } | null = null;
  let sending = false;

  async function run(): Promise<void> {
    sending = true;
    let failed: unknown;
    while (waiting) {
      const { value } = waiting;
      waiting = null;
      failed = undefined;
      try {
        await send(value);
      } catch (error) {
        failed = error;
      }
    }
    sending = false;
    onIdle(failed);
  }

  return {
    push(value) {
      waiting = { value };
      if (!sending) void run();
    },
  };
}
