/**
 * A hall's own colour as the accent of its pages. Whatever colour a hall chose, what is written in it or on it keeps a
 * contrast of 4.5:1: the colour is made darker on the light theme and lighter on the dark one until it does.
 */
import { computed, onScopeDispose, ref, toValue, type ComputedRef, type MaybeRefOrGetter } from 'vue';
import { preferences } from '@/preferences';

type Rgb = readonly [number, number, number];

const CONTRAST_MIN = 4.5;
const GROUND: Record<'light' | 'dark', { surface: Rgb; raised: Rgb; soft: number; towards: Rgb; on: Rgb }> = {
  // The darkest surface text stands on in the light theme, and the lightest in the dark one.
  light: { surface: [233, 237, 237], raised: [255, 255, 255], soft: 0.13, towards: [0, 0, 0], on: [255, 255, 255] },
  dark: { surface: [25, 33, 31], raised: [25, 33, 31], soft: 0.2, towards: [255, 255, 255], on: [8, 16, 15] },
};

/** CSS custom properties for a hall's colour, or none for a hall without one. */
export function accentOf(color: string, theme: 'light' | 'dark'): Record<string, string> {
  const chosen = parse(color);
  if (!chosen) return {};
  const { surface, raised, soft, towards, on } = GROUND[theme];
  let accent = chosen;
  for (let share = 0; share <= 1; share += 0.05) {
    accent = mix(chosen, towards, share);
    const softened = mix(raised, accent, soft);
    if (contrast(accent, softened) >= CONTRAST_MIN && contrast(accent, on) >= CONTRAST_MIN && contrast(accent, surface) >= CONTRAST_MIN) break;
  }
  return {
    '--color-accent': css(accent),
    '--color-on-accent': css(on),
    '--color-accent-soft': css(mix(raised, accent, soft)),
  };
}

/** The same as a style that follows the theme shown now. */
export function useHallAccent(color: MaybeRefOrGetter<string>): ComputedRef<Record<string, string>> {
  const query = window.matchMedia('(prefers-color-scheme: dark)');
  const systemDark = ref(query.matches);
  const follow = (event: MediaQueryListEvent): void => {
    systemDark.value = event.matches;
  };
  query.addEventListener('change', follow);
  onScopeDispose(() => query.removeEventListener('change', follow));
  return computed(() => {
    const dark = preferences.theme === 'dark' || (preferences.theme === 'system' && systemDark.value);
    return accentOf(toValue(color), dark ? 'dark' : 'light');
  });
}

/** WCAG 2 contrast of two colours. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((byte) => {
    const share = byte / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function parse(color: string): Rgb | null {
  const bytes = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  return bytes ? (bytes.slice(1).map((byte) => parseInt(byte, 16)) as unknown as Rgb) : null;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return from.map((byte, i) => Math.round(byte + ((to[i] ?? byte) - byte) * share)) as unknown as Rgb;
}

function css(color: Rgb): string {
  return `#${color.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
