/** Who listens to what, typed by name. `on` returns what stops listening. */
export class Listeners<Events extends Record<string, unknown[]>> {
  private readonly sets: { [Name in keyof Events]?: Set<(...args: Events[Name]) => void> } = {};

  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const set = (this.sets[name] ??= new Set());
    set.add(listener);
    return () => set.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const listener of this.sets[name] ?? []) listener(...args);
  }
}
