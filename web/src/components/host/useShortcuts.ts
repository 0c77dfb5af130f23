/** Single keys for the acts of a desk. They rest while one types, while a dialog is open, and while a key is held down. */
import { onScopeDispose } from 'vue';

/** By `KeyboardEvent.key`, in lower case. Returning `false` leaves the key to the browser. */
export type Shortcuts = Readonly<Record<string, () => void | false>>;

/** The part of a KeyboardEvent that decides. */
export type PressedKey = Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'repeat' | 'isComposing' | 'target'>;

/** The name a press has in `Shortcuts`, or null when it is none of ours. */
export function shortcutOf(press: PressedKey): string | null {
  if (press.altKey || press.ctrlKey || press.metaKey || press.repeat || press.isComposing) return null;
  const target = press.target as Partial<HTMLElement> | null;
  if (target?.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target?.tagName ?? '')) return null;
  if (target?.closest?.('dialog')) return null;
  // A Chinese input method left on swallows the letter; its place on the keyboard still tells.
  if (press.key === 'Process' || press.key === 'Unidentified') return /^Key([A-Z])$/.exec(press.code)?.[1]?.toLowerCase() ?? null;
  return press.key.toLowerCase();
}

/** Listens on the whole page while the caller's scope lives. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const name = shortcutOf(event);
    const act = name === null ? undefined : shortcuts[name];
    if (act && act() !== false) event.preventDefault();
  };
  window.addEventListener('keydown', press);
  onScopeDispose(() => window.removeEventListener('keydown', press));
}
