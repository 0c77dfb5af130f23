/** What a reader chose about the comments over the picture. Kept on the device. */
import { reactive, readonly } from 'vue';
import { browserTexts } from '@/live/storage';

export interface DanmakuSettings {
  on: boolean;
  /** Upper half of the picture or all of it. */
  area: 'half' | 'full';
  opacity: 'full' | 'faint';
}

const KEY = 'yishiting.danmaku';
const texts = browserTexts();

export function parseDanmakuSettings(stored: string | null): DanmakuSettings {
  try {
    const value = JSON.parse(stored ?? '{}') as Partial<Record<keyof DanmakuSettings, unknown>> | null;
    return {
      on: value?.on !== false,
      area: value?.area === 'full' ? 'full' : 'half',
      opacity: value?.opacity === 'faint' ? 'faint' : 'full',
    };
  } catch {
    return { on: true, area: 'half', opacity: 'full' };
  }
}

const state = reactive(parseDanmakuSettings(texts.get(KEY)));

export const danmakuSettings = readonly(state);

export function setDanmaku(change: Partial<DanmakuSettings>): void {
  Object.assign(state, change);
  texts.set(KEY, JSON.stringify(state));
}
