/** Short messages that come and go at the foot of the page. One list for the whole page; BaseToastHost shows it. */
import { readonly, shallowRef } from 'vue';

export type ToastTone = 'plain' | 'good' | 'warn' | 'danger';

export interface ToastOptions {
  /** @default 'plain' */
  tone?: ToastTone;
  /** How long it stays. Anything with an action stays at least as long as the action can be taken. @default 5000 */
  duration_ms?: number;
  /** One thing to do about it, such as undo. */
  action?: { label: string; run: () => void };
}

export interface Toast extends ToastOptions {
  id: number;
  text: string;
  tone: ToastTone;
}

/** More would cover the page; the oldest goes first. */
const TOASTS_MAX = 3;
const DURATION_MS = 5_000;

const list = shallowRef<readonly Toast[]>([]);
let nextId = 1;

export const toasts = readonly(list);

/** Shows `text` and returns what takes it away again before its time. */
export function showToast(text: string, options: ToastOptions = {}): () => void {
  const id = nextId++;
  const toast: Toast = { tone: 'plain', ...options, id, text };
  list.value = [...list.value, toast].slice(-TOASTS_MAX);
  const dismiss = (): void => {
    clearTimeout(timer);
    list.value = list.value.filter((other) => other.id !== id);
  };
  const timer = setTimeout(dismiss, options.duration_ms ?? DURATION_MS);
  return dismiss;
}

export function dismissToast(id: number): void {
  list.value = list.value.filter((other) => other.id !== id);
}
