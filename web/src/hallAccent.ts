import { onScopeDispose, readonly, ref, toValue, watchEffect, type MaybeRefOrGetter, type Ref } from 'vue';
import { accentColours } from './contrast';
import { preferences } from './preferences';

const systemDark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : undefined;
const systemIsDark = ref(systemDark?.matches ?? false);
// Older engines inside WeChat know only the deprecated way to listen; without either the page keeps its first theme.
systemDark?.addEventListener?.('change', (event) => {
  systemIsDark.value = event.matches;
});

/** The theme on the screen: the reader's choice, or else the system's. */
export function useTheme(): Readonly<Ref<'light' | 'dark'>> {
  const theme = ref<'light' | 'dark'>('light');
  watchEffect(() => {
    theme.value = preferences.theme === 'system' ? (systemIsDark.value ? 'dark' : 'light') : preferences.theme;
  });
  return readonly(theme);
}

/**
 * Colours the page in its hall's accent (`#rrggbb`), made readable on the theme shown, until the caller's scope ends.
 * Absent or not a colour: the default accent stays.
 */
export function useHallAccent(hex: MaybeRefOrGetter<string | undefined>): void {
  const theme = useTheme();
  const root = document.documentElement;
  const names = ['--color-accent', '--color-on-accent', '--color-accent-soft'] as const;
  const clear = (): void => names.forEach((name) => root.style.removeProperty(name));

  watchEffect(
    () => {
      clear();
      const wanted = toValue(hex);
      const surface = getComputedStyle(root).getPropertyValue('--color-surface').trim();
      const colours = wanted ? accentColours(wanted, surface, theme.value) : undefined;
      if (!colours) return;
      root.style.setProperty('--color-accent', colours.accent);
      root.style.setProperty('--color-on-accent', colours.onAccent);
      root.style.setProperty('--color-accent-soft', colours.accentSoft);
    },
    // After applyPreferences has put the theme on <html>, whose surface is read here.
    { flush: 'post' },
  );
  onScopeDispose(clear);
}
