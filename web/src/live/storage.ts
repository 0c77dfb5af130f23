/** The browser's storage where it may be used; private windows and some embedded browsers refuse it. */

/** What the parts of this folder need of `localStorage`. */
export interface KeptTexts {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
}

/** Lasts as long as the page; what a refusing browser gets. */
export function memoryTexts(): KeptTexts {
  const texts = new Map<string, string>();
  return {
    get: (key) => texts.get(key) ?? null,
    set: (key, value) => void texts.set(key, value),
    remove: (key) => void texts.delete(key),
    keys: () => [...texts.keys()],
  };
}

/** The browser's own, or memory where it is refused or full. */
export function browserTexts(): KeptTexts {
  const fallback = memoryTexts();
  const attempt = <T>(use: (storage: Storage) => T, otherwise: () => T): T => {
    try {
      return use(window.localStorage);
    } catch {
      return otherwise();
    }
  };
  return {
    get: (key) => fallback.get(key) ?? attempt((storage) => storage.getItem(key), () => null),
    set: (key, value) => attempt((storage) => storage.setItem(key, value), () => fallback.set(key, value)),
    remove: (key) => {
      fallback.remove(key);
      attempt((storage) => storage.removeItem(key), () => undefined);
    },
    keys: () => [
      ...new Set([
        ...fallback.keys(),
        ...attempt(
          (storage) => Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? ''),
          () => [],
        ),
      ]),
    ],
  };
}
