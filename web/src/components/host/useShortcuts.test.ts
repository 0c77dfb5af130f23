import { effectScope } from 'vue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useShortcuts } from './useShortcuts';

const scope = effectScope();
const act = vi.fn();
scope.run(() => useShortcuts({ n: act }));

function press(init: KeyboardEventInit, target: HTMLElement = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

afterEach(() => {
  document.body.replaceChildren();
  act.mockClear();
});

describe('a single key', () => {
  it('acts, in capitals too, and with an input method on', () => {
    press({ key: 'n' });
    press({ key: 'N' });
    press({ key: 'Process', code: 'KeyN' });
    expect(act).toHaveBeenCalledTimes(3);
  });

  it('is left to the browser together with a modifier, and acts once while held down', () => {
    for (const init of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) press({ key: 'n', ...init });
    expect(act).not.toHaveBeenCalled();
  });

  it.each(['input', 'textarea', 'select'])('is text while one types in an %s', (name) => {
    const field = document.body.appendChild(document.createElement(name));
    expect(press({ key: 'n' }, field).defaultPrevented).toBe(false);
    expect(act).not.toHaveBeenCalled();
  });

  it('rests while a dialog is open', () => {
    document.body.appendChild(document.createElement('dialog')).setAttribute('open', '');
    press({ key: 'n' });
    expect(act).not.toHaveBeenCalled();
  });

  it('does nothing after the page is left', () => {
    scope.stop();
    press({ key: 'n' });
    expect(act).not.toHaveBeenCalled();
  });
});
