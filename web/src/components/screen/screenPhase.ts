/** What the venue's screen shows. One thing at a time. */
import type { SessionFace } from '@/wire/types';

/**
 * `waiting`: announced, not begun. `question`: a question is on stage. `open`: live without one, so the room is invited to
 * ask. `paused`: a break without a question. `over`: it has ended.
 */
export type ScreenPhase = 'waiting' | 'question' | 'open' | 'paused' | 'over';

export function screenPhase(session: Pick<SessionFace, 'state' | 'stage'>): ScreenPhase {
  switch (session.state) {
    case 'draft':
    case 'scheduled':
      return 'waiting';
    case 'ended':
    case 'closed':
      return 'over';
    case 'live':
    case 'paused':
      // A break with a question on stage keeps it: the room may go on reading.
      if (session.stage) return 'question';
      return session.state === 'live' ? 'open' : 'paused';
  }
}
