/**
 * Every page and its address. A page loads when it is opened; `meta.areas` names the message files it needs
 * beside `common`. The history, the scrolling and the order of loading are at the end.
 */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { loadAreas, type Area } from './i18n';
import { requireStaff } from './staff/guards';

declare module 'vue-router' {
  interface RouteMeta {
    areas?: readonly Area[];
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./pages/public/HomePage.vue'), meta: { areas: ['hall', 'errors'] } },
  { path: '/j/:code', name: 'join', component: () => import('./pages/public/JoinPage.vue'), meta: { areas: ['hall', 'errors'] } },
  { path: '/h/:hall', name: 'hall', component: () => import('./pages/public/HallPublicPage.vue'), meta: { areas: ['hall', 'errors'] } },
  {
    path: '/h/:hall/s/:session',
    name: 'viewer',
    component: () => import('./pages/public/ViewerPage.vue'),
    meta: { areas: ['viewer'] },
  },
  {
    path: '/h/:hall/s/:session/ledger',
    name: 'ledger',
    component: () => import('./pages/public/LedgerPublicPage.vue'),
    // Answers are worded as the viewer's page words them.
    meta: { areas: ['ledger', 'hall', 'viewer', 'errors'] },
  },
  { path: '/staff/login', name: 'staff-login', component: () => import('./pages/staff/StaffLoginPage.vue'), meta: { areas: ['staff', 'errors'] } },
  { path: '/staff/setup', name: 'staff-setup', component: () => import('./pages/staff/StaffSetupPage.vue'), meta: { areas: ['staff', 'errors'] } },
  {
    path: '/staff',
    name: 'staff-home',
    component: () => import('./pages/staff/StaffHomePage.vue'),
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors'] },
  },
  {
    path: '/staff/new-hall',
    name: 'new-hall',
    component: () => import('./pages/staff/HallAdminNewPage.vue'),
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'moderation'] },
  },
  {
    path: '/staff/halls/:hall',
    name: 'hall-admin',
    component: () => import('./pages/staff/HallAdminPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'moderation'] },
  },
  {
    path: '/staff/s/:session/edit',
    name: 'session-edit',
    component: () => import('./pages/staff/SessionEditPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'moderation'] },
  },
  {
    path: '/staff/s/:session/moderate',
    name: 'moderation-desk',
    component: () => import('./pages/staff/ModerationDeskPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'moderation'] },
  },
  {
    path: '/staff/s/:session/host',
    name: 'host-desk',
    component: () => import('./pages/staff/HostDeskPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'host'] },
  },
  {
    path: '/staff/s/:session/department',
    name: 'department-desk',
    component: () => import('./pages/staff/DepartmentDeskPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'host', 'department'] },
  },
  {
    path: '/staff/s/:session/close',
    name: 'close-assistant',
    component: () => import('./pages/staff/CloseAssistantPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'host', 'closing'] },
  },
  {
    path: '/staff/s/:session/appeals',
    name: 'appeals',
    component: () => import('./pages/staff/AppealsPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'record'] },
  },
  {
    path: '/staff/s/:session/fairness',
    name: 'fairness',
    component: () => import('./pages/staff/FairnessPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'record'] },
  },
  {
    path: '/staff/halls/:hall/audit',
    name: 'audit',
    component: () => import('./pages/staff/AuditPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'record'] },
  },
  {
    path: '/staff/halls/:hall/words',
    name: 'word-lists',
    component: () => import('./pages/staff/WordListsPage.vue'),
    props: true,
    beforeEnter: requireStaff,
    meta: { areas: ['staff', 'errors', 'record'] },
  },
  {
    path: '/screen/:session',
    name: 'big-screen',
    component: () => import('./pages/screen/BigScreenPage.vue'),
    props: true,
    meta: { areas: ['screen'] },
  },
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
