import { toValue, watchEffect, type MaybeRefOrGetter } from 'vue';
import { useI18n } from 'vue-i18n';

/** Keeps the window's title at `title`, then the product's name; an empty title leaves the name alone. */
export function usePageTitle(title: MaybeRefOrGetter<string>): void {
  const { t } = useI18n();
  watchEffect(() => {
    const own = toValue(title);
    document.title = own ? `${own} · ${t('common.product')}` : t('common.product');
  });
}
