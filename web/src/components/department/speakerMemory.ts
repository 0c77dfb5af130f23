/** Who signed last for a department, on this device: mostly the same person signs again. */
import type { DraftStorage } from './draftStore';

const KEY = 'yishiting.speaker';

export function lastSpeaker(storage: DraftStorage, department_id: string): string {
  try {
    return storage.getItem(`${KEY}.${department_id}`) ?? '';
  } catch {
    return '';
  }
}

export function rememberSpeaker(storage: DraftStorage, department_id: string, speaker: string): void {
  try {
    if (speaker) storage.setItem(`${KEY}.${department_id}`, speaker);
  } catch {
    // A device that keeps nothing asks again.
  }
}
