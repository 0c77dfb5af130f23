/** What a colleague did with an item, in words: `said(conflict)` is "王芳 已发布 14:05", absent if the server did not tell. */
import { useI18n } from 'vue-i18n';
import { formatTimeOfDay } from '@/format';
import type { Conflict } from '@/wire/types';

export function useConflictText(): (told: Conflict | undefined) => string | undefined {
  const { t, locale } = useI18n();
  return (told) => {
    if (told?.why === 'claimed') return t('moderation.claim.held', { name: told.by_name });
    if (told?.why === 'withdrawn') return t('moderation.claim.withdrawn');
    if (told?.why === 'undone') return t('moderation.did.undone', { name: told.by_name });
    if (told?.why !== 'decided' || !told.verdict) return undefined;
    const did = t(`moderation.did.${told.verdict}`, { name: told.by_name });
    return told.at_ms ? `${did} ${formatTimeOfDay(told.at_ms, locale.value)}` : did;
  };
}
