import { baseCompile } from '@intlify/message-compiler';
import type { Plugin } from 'vite';

type Messages = { [key: string]: string | Messages };
type Compiled = { [key: string]: Compiled | object };

/**
 * Compiles the messages of `src/locales` when the pages are built, so that the compiler (5 KiB gzip) stays out
 * of them. The result is data for vue-i18n to interpret, not code, and stays JSON for Vite's own JSON step.
 */
export function localeMessages(): Plugin {
  return {
    name: 'yishiting:locale-messages',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/locales\/[^/]+\/[^/]+\.json$/ },
      handler: (code, id) => ({ code: JSON.stringify(compileMessages(JSON.parse(code) as Messages, id)), map: null }),
    },
  };
}

/**
 * Every text of `messages` as vue-i18n's syntax tree.
 *
 * @throws when a text is not in vue-i18n's message format, naming `file` and the text. `@`, `|`, `{` and `}`
 * have a meaning there and are written `{'@'}` where the character itself is wanted.
 */
export function compileMessages(messages: Messages, file: string): Compiled {
  const compile = ([key, value]: [string, string | Messages]): [string, Compiled | object] => {
    if (typeof value !== 'string') return [key, compileMessages(value, file)];
    const fail = (error: Error): never => {
      throw new Error(`${file}: message ${key}, "${value}": ${error.message}`);
    };
    const { ast } = baseCompile(value, { jit: true, minify: true, location: false, onError: fail });
    return [key, ast];
  };
  return Object.fromEntries(Object.entries(messages).map(compile));
}
