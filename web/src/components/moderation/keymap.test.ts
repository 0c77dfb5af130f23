import { describe, expect, it } from 'vitest';
import { commandOf, type KeyPress } from './keymap';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  ...more,
});

describe('the list', () => {
  it.each([
    ['a', { do: 'accept' }],
    ['D', { do: 'decline' }],
    ['r', { do: 'retract' }],
    ['u', { do: 'undo' }],
    ['x', { do: 'select' }],
    ['m', { do: 'mute' }],
    ['b', { do: 'ban' }],
    ['j', { do: 'next' }],
    ['ArrowUp', { do: 'previous' }],
    ['/', { do: 'search' }],
    ['?', { do: 'help' }],
    ['2', { do: 'filter', index: 1 }],
    ['Escape', { do: 'clear' }],
  ])('%s', (key, command) => {
    expect(commandOf(press(key), 'list')).toEqual(command);
  });

  it('extends the selection with Shift', () => {
    expect(commandOf(press('J', { shiftKey: true }), 'list')).toEqual({ do: 'extendDown' });
    expect(commandOf(press('ArrowUp', { shiftKey: true }), 'list')).toEqual({ do: 'extendUp' });
  });

  it('moves on while a key is held, and decides nothing', () => {
    expect(commandOf(press('j', { repeat: true }), 'list')).toEqual({ do: 'next' });
    for (const key of ['a', 'd', 'r', 'x', 'u']) expect(commandOf(press(key, { repeat: true }), 'list')).toBeUndefined();
  });

  it('leaves the browser\'s own keys alone', () => {
    expect(commandOf(press('a', { ctrlKey: true }), 'list')).toBeUndefined();
    expect(commandOf(press('r', { metaKey: true }), 'list')).toBeUndefined();
  });

  it('works while a Chinese input method is on', () => {
    expect(commandOf(press('Process', { code: 'KeyA' }), 'list')).toEqual({ do: 'accept' });
    expect(commandOf(press('Process', { code: 'Digit3' }), 'reasons')).toEqual({ do: 'reason', index: 2 });
    expect(commandOf(press('a', { isComposing: true }), 'list')).toBeUndefined();
  });
});

describe('the reasons', () => {
  it('are chosen by number, confirmed, or left', () => {
    expect(commandOf(press('1'), 'reasons')).toEqual({ do: 'reason', index: 0 });
    expect(commandOf(press('Enter'), 'reasons')).toEqual({ do: 'confirm' });
    expect(commandOf(press('Escape'), 'reasons')).toEqual({ do: 'back' });
    expect(commandOf(press('0'), 'reasons')).toBeUndefined();
  });

  it('do not decide something else by a letter meant for the list', () => {
    for (const key of ['a', 'd', 'r', 'x', 'j']) expect(commandOf(press(key), 'reasons')).toBeUndefined();
  });
});

it('a preview is confirmed by the key that opened it', () => {
  expect(commandOf(press('a'), 'preview')).toEqual({ do: 'confirm' });
});

it('letters typed into a field stay letters', () => {
  for (const key of ['a', 'd', '1', '/', '?']) expect(commandOf(press(key), 'typing')).toBeUndefined();
  expect(commandOf(press('Escape'), 'typing')).toEqual({ do: 'back' });
});

it('an open dialog keeps its keys', () => {
  for (const key of ['a', 'Escape', 'Enter']) expect(commandOf(press(key), 'dialog')).toBeUndefined();
});
