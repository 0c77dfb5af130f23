/**
 * Every page and its address. A page loads when it is opened; `meta.areas` names the message files it needs
 * beside `common`. The history, the scrolling and the order of loading are at the end.
 */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { loadAreas, type Area } from './i18n';

declare module 'vue-router' {
  interface RouteMeta {
    areas?: readonly Area[];
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/public/NotFoundPage.vue') },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => {
    if (saved) return saved;
    if (to.hash) return { el: to.hash };
    // A change of tab or filter keeps its place; only another page starts at the top.
    return to.path === from.path ? false : { top: 0 };
  },
});

// Messages are asked for at the same time as the page's code, and awaited before it is shown.
router.beforeEach((to) => {
  loadAreas(to.meta.areas ?? []).catch(() => undefined);
});
router.beforeResolve(async (to) => {
  await loadAreas(to.meta.areas ?? []);
});
