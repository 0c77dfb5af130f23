/**
 * Which key does what at the moderation desk. The left hand decides (A D R C X U M B), the right hand moves
 * (J K and the arrows; N for the next one nobody has, O to take one over).
 */

/** What a press of a key means now. */
export type DeskMode = 'list' | 'reasons' | 'preview' | 'typing' | 'dialog';

export type DeskCommand =
  | { do: 'next' | 'previous' | 'first' | 'last' }
  | { do: 'extendDown' | 'extendUp' }
  | { do: 'accept' | 'decline' | 'retract' | 'undo' }
  | { do: 'select' | 'selectAll' | 'selectSame' | 'clear' }
  | { do: 'merge' }
  | { do: 'mute' | 'ban' }
  | { do: 'nextFree' | 'takeOver' | 'more' }
  | { do: 'search' | 'help' | 'kind' }
  | { do: 'filter'; index: number }
  | { do: 'reason'; index: number }
  | { do: 'confirm' | 'back' | 'note' };

/** The part of a KeyboardEvent that matters. */
export interface KeyPress {
  key: string;
  code: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
  isComposing?: boolean;
}

/** Letters by position when an input method swallows them: `key` is then `Process`. */
function letterOf(press: KeyPress): string {
  if (press.key === 'Process' || press.key === 'Unidentified') {
    const match = /^(?:Key([A-Z])|Digit(\d))$/.exec(press.code);
    return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  }
  return press.key.length === 1 ? press.key.toLowerCase() : press.key;
}

const MOVES: Readonly<Record<string, DeskCommand>> = {
  j: { do: 'next' },
  ArrowDown: { do: 'next' },
  k: { do: 'previous' },
  ArrowUp: { do: 'previous' },
  Home: { do: 'first' },
  End: { do: 'last' },
};

const LIST: Readonly<Record<string, DeskCommand>> = {
  a: { do: 'accept' },
  d: { do: 'decline' },
  r: { do: 'retract' },
  u: { do: 'undo' },
  x: { do: 'select' },
  '*': { do: 'selectAll' },
  g: { do: 'selectSame' },
  c: { do: 'merge' },
  m: { do: 'mute' },
  b: { do: 'ban' },
  n: { do: 'nextFree' },
  o: { do: 'takeOver' },
  f: { do: 'more' },
  '/': { do: 'search' },
  '?': { do: 'help' },
  '？': { do: 'help' },
  t: { do: 'kind' },
  Escape: { do: 'clear' },
};

/**
 * What `press` asks for, absent if nothing. A key held down moves on but decides nothing: one long press must
 * not publish a whole queue.
 */
export function commandOf(press: KeyPress, mode: DeskMode): DeskCommand | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || press.isComposing) return undefined;
  const letter = letterOf(press);
  if (mode === 'dialog') return undefined;
  if (mode === 'typing') return letter === 'Escape' ? { do: 'back' } : undefined;

  if (mode === 'list') {
    const move = MOVES[letter];
    if (move && press.shiftKey && (move.do === 'next' || move.do === 'previous')) {
      return { do: move.do === 'next' ? 'extendDown' : 'extendUp' };
    }
    if (move) return move;
    if (press.repeat) return undefined;
    if (/^[1-5]$/.test(letter)) return { do: 'filter', index: Number(letter) - 1 };
    // On some layouts the question mark is Shift with the slash and arrives as the slash.
    if (letter === '/' && press.shiftKey) return { do: 'help' };
    return LIST[letter];
  }

  if (press.repeat) return undefined;
  if (/^[1-9]$/.test(letter)) return { do: 'reason', index: Number(letter) - 1 };
  if (letter === 'Enter') return { do: 'confirm' };
  if (letter === 'Escape') return { do: 'back' };
  if (letter === 'n') return { do: 'note' };
  if (mode === 'preview' && letter === 'a') return { do: 'confirm' };
  return undefined;
}
