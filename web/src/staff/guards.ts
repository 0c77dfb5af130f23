/** What stands before a staff page: a login. Rights are the server's to check; pages show its refusal. */
import type { NavigationGuard, RouteLocationRaw } from 'vue-router';
import { useStaff } from './useStaff';

/** A path of this site to go on to after signing in; anything else leads to the staff's own page. */
export function safeTarget(to: unknown): string {
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) && !to.startsWith('/staff/login') ? to : '/staff';
}

/** Sends whoever is not signed in to the login, and back here afterwards. With the line down the page says so itself. */
export const requireStaff: NavigationGuard = async (to): Promise<true | RouteLocationRaw> => {
  const { load, standing } = useStaff();
  await load();
  return standing.value === 'out' ? { path: '/staff/login', query: to.fullPath === '/staff' ? {} : { to: to.fullPath } } : true;
};
