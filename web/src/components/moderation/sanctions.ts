/** How long writing can be taken away from the desk. */
import type { SanctionKind } from '@/wire/types';

export interface SanctionChoice {
  key: 'tenMinutes' | 'oneHour' | 'oneDay' | 'sevenDays' | 'untilLifted';
  kind: SanctionKind;
  /** Null until somebody lifts it; only a ban may last so long. */
  minutes: number | null;
}

const CHOICES: Readonly<Record<SanctionKind, readonly Omit<SanctionChoice, 'kind'>[]>> = {
  mute: [
    { key: 'tenMinutes', minutes: 10 },
    { key: 'oneHour', minutes: 60 },
    { key: 'oneDay', minutes: 24 * 60 },
  ],
  ban: [
    { key: 'oneDay', minutes: 24 * 60 },
    { key: 'sevenDays', minutes: 7 * 24 * 60 },
    { key: 'untilLifted', minutes: null },
  ],
};

export const sanctionChoices = (kind: SanctionKind): SanctionChoice[] => CHOICES[kind].map((choice) => ({ ...choice, kind }));
