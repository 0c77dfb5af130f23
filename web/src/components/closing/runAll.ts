/** Settles many things one after another, saying how far it is; what fails is kept, the rest goes on. */

export interface Run<T> {
  done: number;
  total: number;
  failed: { item: T; error: unknown }[];
}

/**
 * Does `act` for every item in order. One at a time: the server takes them in one write each, and whoever watches
 * sees the list grow shorter. `report` is called before the first and after each.
 */
export async function runAll<T>(items: readonly T[], act: (item: T) => Promise<unknown>, report: (run: Run<T>) => void): Promise<Run<T>> {
  const run: Run<T> = { done: 0, total: items.length, failed: [] };
  report({ ...run });
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      run.failed.push({ item, error });
    }
    run.done += 1;
    report({ ...run, failed: [...run.failed] });
  }
  return run;
}
