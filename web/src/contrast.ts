/**
 * Contrast of colours, and a hall's accent made readable on both themes.
 *
 * Source: WCAG 2.2, "relative luminance" and "contrast ratio".
 */

export type Rgb = readonly [red: number, green: number, blue: number];

/** Parses `#rrggbb`; anything else is absent, so that a wrong setting falls back to the default accent. */
export function parseHex(hex: string): Rgb | undefined {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) return undefined;
  return [parseInt(match[1]!, 16), parseInt(match[2]!, 16), parseInt(match[3]!, 16)];
}

const toHex = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrastOf(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Contrast ratio of two `#rrggbb` colours, from 1 to 21; 1 when either is not such a colour. */
export function contrast(one: string, other: string): number {
  const [a, b] = [parseHex(one), parseHex(other)];
  return a && b ? contrastOf(a, b) : 1;
}

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const mix = (from: Rgb, to: Rgb, share: number): Rgb => from.map((part, i) => part + (to[i]! - part) * share) as unknown as Rgb;

/** Colours that follow from a hall's accent: for text and fills, for text upon it, for its soft background. */
export interface AccentColours {
  accent: string;
  onAccent: string;
  accentSoft: string;
}

/** WCAG 2.2, 1.4.3, for text of any size. */
const TEXT_CONTRAST_MIN = 4.5;
/** How much of the accent is in its soft background. */
const SOFT_SHARE = 0.12;
/** Steps from the accent as given to black or white; at the last one everything is readable. */
const STEPS = 20;

/**
 * `hex` moved towards black (light theme) or white (dark theme) until it can carry text on `surface` and on its own
 * soft background. Absent when `hex` is not `#rrggbb`.
 */
export function accentColours(hex: string, surface: string, theme: 'light' | 'dark'): AccentColours | undefined {
  const [base, ground] = [parseHex(hex), parseHex(surface)];
  if (!base || !ground) return undefined;
  const end = theme === 'light' ? BLACK : WHITE;
  let [accent, soft] = [base, mix(ground, base, SOFT_SHARE)];
  for (let step = 1; step <= STEPS && Math.min(contrastOf(accent, ground), contrastOf(accent, soft)) < TEXT_CONTRAST_MIN; step++) {
    accent = mix(base, end, step / STEPS);
    soft = mix(ground, accent, SOFT_SHARE);
  }
  const onAccent = contrastOf(accent, WHITE) >= contrastOf(accent, BLACK) ? WHITE : BLACK;
  return { accent: toHex(accent), onAccent: toHex(onAccent), accentSoft: toHex(soft) };
}
