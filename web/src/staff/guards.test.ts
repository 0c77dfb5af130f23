import { expect, it } from 'vitest';
import { safeTarget } from './guards';

it('a login leads to pages of this site only', () => {
  expect(safeTarget('/staff/s/abc/moderate?kind=question')).toBe('/staff/s/abc/moderate?kind=question');
  for (const bad of ['//example.org', '/\\example.org', 'https://example.org', 'javascript:alert(1)', undefined, ['/a'], '']) {
    expect(safeTarget(bad)).toBe('/staff');
  }
});

it('a login does not lead back to itself', () => {
  expect(safeTarget('/staff/login?to=/staff/login')).toBe('/staff');
});
