/** For tests only: mounts a component with the Chinese messages and a router without real pages. */
import { mount, type VueWrapper } from '@vue/test-utils';
import type { Component } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { i18n, loadAreas, setLocale, type Area, type Locale } from '@/i18n';

export interface MountOptions {
  props?: Record<string, unknown>;
  slots?: Record<string, string | (() => unknown)>;
  /** Message files beside `common`. @default [] */
  areas?: readonly Area[];
  /** @default 'zh-CN' */
  locale?: Locale;
}

export async function mountPage(component: Component, options: MountOptions = {}): Promise<VueWrapper> {
  await setLocale(options.locale ?? 'zh-CN');
  await loadAreas(['common', ...(options.areas ?? [])]);
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component: { render: () => null } }],
  });
  return mount(component, {
    props: options.props ?? {},
    slots: options.slots ?? {},
    global: { plugins: [i18n, router] },
    attachTo: document.body,
  });
}
