import { defineAsyncComponent, type Component } from 'vue';

const RETRY_MS = 1_500;
/** About a minute on a line that is gone; a later opening of the same part starts anew. */
const ATTEMPTS_MAX = 8;

/** A part of a page that loads when it is first needed, and keeps trying while the line is bad. */
export function lazily<T extends Component>(loader: () => Promise<{ default: T }>): T {
  return defineAsyncComponent<T>({
    loader: () => loader().then((module) => module.default),
    onError: (_error, retry, fail, attempts) => {
      if (attempts >= ATTEMPTS_MAX) fail();
      else setTimeout(retry, RETRY_MS * attempts);
    },
  });
}
