import { expect, it } from 'vitest';
import { nameOf } from './usePackage';

const named = (disposition: string): string | null => nameOf({ headers: new Headers({ 'content-disposition': disposition }) });

it('a package keeps the name the server gave it, Chinese too', () => {
  expect(named('attachment; filename="package.zip"')).toBe('package.zip');
  expect(named("attachment; filename=\"package.zip\"; filename*=UTF-8''%E7%BA%AA%E8%A6%81.zip")).toBe('纪要.zip');
  expect(named("attachment; filename*=UTF-8''%E7%")).toBeNull();
  expect(named('attachment')).toBeNull();
});
