import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Batch, CommentFace, ServerMessage, SessionFace, View } from '@/wire/types';
import { LiveConnection, type LiveOptions, type LiveState } from './connection';
import { reduceViewAll } from './reduce';

/** A socket whose other end is the test. */
class FakeSocket {
  static all: FakeSocket[] = [];
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: unknown[] = [];
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.readyState = WebSocket.CLOSED;
  }
  accept(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }
  say(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  drop(code = 1006, reason = ''): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code, reason });
  }
}

class FakeEvents extends EventTarget {
  static all: FakeEvents[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEvents.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
  say(message: ServerMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
}

const last = <T>(list: readonly T[]): T => {
  const entry = list.at(-1);
  if (!entry) throw new Error('nothing was opened');
  return entry;
};
const socket = (): FakeSocket => last(FakeSocket.all);
const comment = (n: number): CommentFace => ({ id: `c${n}`, name: '', body: String(n), at_ms: n });
const view = (seq: number, change: Partial<SessionFace> = {}): ServerMessage => ({
  type: 'view',
  version: 1,
  seq,
  server_ms: 0,
  session: { state: 'live', stage: null, ...change } as SessionFace,
  questions: [],
  questions_total: 0,
  comments: [],
  answers: [],
  watching: 1,
});
const batch = (first_seq: number, last_seq = first_seq): ServerMessage & Batch => ({
  type: 'batch',
  first_seq,
  last_seq,
  items: [{ seq: first_seq, type: 'comment_published', comment: comment(first_seq) }],
});
const figures: ServerMessage = { type: 'state', server_ms: 1, watching: 7 };

let live: LiveConnection<View>;
let states: LiveState[];

function open(options: Partial<LiveOptions<View>> = {}): void {
  live = new LiveConnection<View>({
    session_id: 's1',
    channel: 'public',
    reduce: reduceViewAll,
    chance: () => 0.5,
    openSocket: (url) => new FakeSocket(url) as unknown as WebSocket,
    openEvents: (url) => new FakeEvents(url) as unknown as EventSource,
    statusOf: () => Promise.resolve(0),
    ...options,
  });
  states = [];
  live.on('state', (state) => states.push(state));
  live.start();
}
/** Long enough for a frame, too short for a retry. */
const frame = (): void => void vi.advanceTimersByTime(20);
const bodies = (): string[] => live.view?.comments.map((entry) => entry.body) ?? [];

function setDevice(what: 'visibilityState' | 'onLine', value: string | boolean, event: string): void {
  if (what === 'onLine') vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(value as boolean);
  else vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(value as DocumentVisibilityState);
  (what === 'onLine' ? window : document).dispatchEvent(new Event(event));
}
const hide = (): void => setDevice('visibilityState', 'hidden', 'visibilitychange');
const unhide = (): void => setDevice('visibilityState', 'visible', 'visibilitychange');

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  FakeEvents.all = [];
});
afterEach(() => {
  live.stop();
  vi.useRealTimers();
});

describe('coming in', () => {
  it('needs no greeting to watch and is live with the first view', () => {
    open();
    expect(socket().url).toMatch(/^ws:.*\/api\/v1\/sessions\/s1\/live$/);
    socket().accept();
    expect(socket().sent).toEqual([]);
    socket().say(view(10));
    frame();
    expect(live.state).toBe('live');
    expect(live.view?.seq).toBe(10);
  });

  it('greets with the token there is, and sends only after the welcome', () => {
    open({ token: () => 'secret' });
    socket().accept();
    expect(socket().sent).toEqual([{ type: 'hello', token: 'secret', version: 1 }]);
    expect(live.send({ type: 'comment', ref: 'abcdefgh', body: '好' })).toBe(false);
    socket().say({ type: 'welcome', participant: { id: 'p', name: '甲', tier: 'guest' } });
    expect(live.send({ type: 'comment', ref: 'abcdefgh', body: '好' })).toBe(true);
    expect(socket().sent).toHaveLength(2);
  });

  it('names the backstage channel in its address', () => {
    open({ channel: 'backstage' });
    expect(socket().url).toContain('?channel=backstage');
  });
});

describe('folding', () => {
  it('applies what came within one frame at once and tells it once', () => {
    open();
    socket().accept();
    socket().say(view(10));
    frame();
    const told: number[] = [];
    live.on('view', (_view, batches) => told.push(batches.length));
    for (let seq = 11; seq <= 15; seq += 1) socket().say(batch(seq));
    expect(bodies()).toEqual([]);
    frame();
    expect(told).toEqual([5]);
    expect(bodies()).toEqual(['11', '12', '13', '14', '15']);
  });

  it('drops a repeated batch and comes back with its seq after a gap', () => {
    open();
    socket().accept();
    socket().say(view(10));
    socket().say(batch(11));
    socket().say(batch(11));
    socket().say(batch(13));
    expect(FakeSocket.all).toHaveLength(2);
    expect(socket().url).toContain('since=11');
    socket().accept();
    expect(live.state).toBe('resuming');
    socket().say(batch(12, 13));
    frame();
    expect(live.state).toBe('live');
    expect(bodies()).toEqual(['11', '12']);
    expect(live.view?.seq).toBe(13);
  });

  it('hears nothing any more from a socket it has left', () => {
    open();
    const old = socket();
    old.accept();
    old.say(view(10));
    live.retryNow();
    old.say(batch(11));
    old.drop(4003);
    frame();
    expect(bodies()).toEqual([]);
    expect(live.state).not.toBe('denied');
  });

  it('passes over text that is not a message', () => {
    open();
    socket().accept();
    socket().onmessage?.({ data: '<html>' });
    socket().say(view(10));
    frame();
    expect(live.view?.seq).toBe(10);
  });

  it('puts in what was read elsewhere after what waits', () => {
    open();
    socket().accept();
    socket().say(view(10));
    socket().say(batch(11));
    live.amend((known) => ({ ...known, comments: [comment(1), ...known.comments] }));
    expect(bodies()).toEqual(['1', '11']);
  });
});

describe('coming back', () => {
  it('waits longer after each failure, at most twenty seconds', () => {
    open({ chance: () => 1 });
    socket().accept();
    socket().say(view(10));
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      const count = FakeSocket.all.length;
      socket().drop();
      let waited = 0;
      while (FakeSocket.all.length === count && waited <= 30_000) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000]);
    expect(live.state).toBe('reconnecting');
  });

  it('starts with short waits again once a connection has held', () => {
    open({ chance: () => 1 });
    socket().accept();
    socket().say(view(10));
    socket().drop();
    vi.advanceTimersByTime(1_000);
    socket().drop();
    vi.advanceTimersByTime(2_000);
    socket().accept();
    socket().say(figures);
    vi.advanceTimersByTime(10_000);
    const count = FakeSocket.all.length;
    socket().drop();
    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.all).toHaveLength(count + 1);
  });

  it('is resuming until the server has said anything, and misses nothing', () => {
    open();
    socket().accept();
    socket().say(view(10));
    socket().say(batch(11));
    socket().drop(4008);
    expect(live.state).toBe('reconnecting');
    vi.advanceTimersByTime(1_000);
    socket().accept();
    expect(live.state).toBe('resuming');
    expect(socket().url).toContain('since=11');
    socket().say(batch(12));
    frame();
    expect(states.slice(-3)).toEqual(['reconnecting', 'resuming', 'live']);
    expect(bodies()).toEqual(['11', '12']);
  });

  it('spreads its return over the time a leaving server names', () => {
    open({ chance: () => 0.5 });
    socket().accept();
    socket().say(view(10));
    socket().drop(4000, 'retry_ms=60000');
    vi.advanceTimersByTime(29_900);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it.each([
    [4001, 'not_understood'],
    [4003, 'not_permitted'],
    [4004, 'no_such_session'],
  ] as const)('does not come back after close code %i', (code, denial) => {
    open();
    socket().accept();
    socket().drop(code);
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect([live.state, live.denial]).toEqual(['denied', denial]);
  });

  it.each([
    [404, 'no_such_session'],
    [401, 'not_permitted'],
    [403, 'not_permitted'],
  ] as const)('does not come back when the handshake was refused with %i', async (status, denial) => {
    const asked: string[] = [];
    open({ statusOf: (url) => (asked.push(url), Promise.resolve(status)) });
    socket().drop();
    await vi.advanceTimersByTimeAsync(600_000);
    expect([live.state, live.denial]).toEqual(['denied', denial]);
    expect(FakeSocket.all).toHaveLength(1);
    expect(asked[0]).toContain('/api/v1/sessions/s1/events');
  });

  it('finds out when the login ended while the line was away, without asking at every try', async () => {
    let asked = 0;
    open({ channel: 'backstage', statusOf: () => Promise.resolve((asked += 1) > 0 ? 401 : 0) });
    socket().accept();
    socket().say(view(10));
    frame();
    for (let tries = 0; tries < 3; tries += 1) {
      expect(asked).toBe(0);
      socket().drop();
      await vi.advanceTimersByTimeAsync(4_000);
    }
    expect([asked, live.state]).toEqual([1, 'denied']);
  });

  it('goes on trying while the server is away', async () => {
    open();
    for (let tries = 0; tries < 9; tries += 1) {
      if (live.transport === 'websocket') socket().drop();
      else last(FakeEvents.all).onerror?.();
      await vi.advanceTimersByTimeAsync(12_000);
    }
    expect(live.state).toBe('reconnecting');
  });

  it('takes a line that says nothing for a minute for broken', () => {
    open();
    socket().accept();
    socket().say(view(10));
    vi.advanceTimersByTime(59_000);
    socket().say(figures);
    vi.advanceTimersByTime(59_000);
    expect(live.state).toBe('live');
    vi.advanceTimersByTime(2_000);
    expect(live.state).not.toBe('live');
    vi.advanceTimersByTime(1_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('tries again when a connection opens and then says nothing', () => {
    open();
    socket().accept();
    vi.advanceTimersByTime(17_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });

  it('leaves nothing running when it is stopped', () => {
    open();
    socket().accept();
    socket().say(view(10));
    live.stop();
    window.dispatchEvent(new Event('online'));
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('networks that block WebSockets', () => {
  it('get Server-Sent Events after two failures, with the same numbers', () => {
    open();
    socket().drop();
    vi.advanceTimersByTime(2_500);
    socket().drop();
    vi.advanceTimersByTime(2_500);
    const events = last(FakeEvents.all);
    expect(events.url).toContain('/api/v1/sessions/s1/events');
    let ready = 0;
    live.on('ready', () => (ready += 1));
    events.say(view(10));
    events.say(batch(11));
    frame();
    expect([live.state, live.transport, ready]).toEqual(['live', 'events', 1]);
    expect(bodies()).toEqual(['11']);
    events.onerror?.();
    expect(events.closed).toBe(true);
    vi.advanceTimersByTime(2_500);
    expect(last(FakeEvents.all).url).toContain('since=11');
  });

  it('are not suspected where a WebSocket ever worked', () => {
    open();
    socket().accept();
    socket().say(view(10));
    for (let i = 0; i < 6; i += 1) {
      socket().drop();
      vi.advanceTimersByTime(20_000);
    }
    expect(FakeEvents.all).toEqual([]);
  });
});

describe('the device', () => {
  it('says offline at once, and comes back at once when the network is there', () => {
    open();
    socket().accept();
    socket().say(view(10));
    setDevice('onLine', false, 'offline');
    expect(live.state).toBe('offline');
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    setDevice('onLine', true, 'online');
    expect(FakeSocket.all).toHaveLength(2);
    expect(socket().url).toContain('since=10');
  });

  it('stops listening when hidden for long and resumes when looked at', () => {
    open();
    socket().accept();
    socket().say(view(10));
    hide();
    vi.advanceTimersByTime(29_000);
    socket().say(batch(11));
    vi.advanceTimersByTime(2_000);
    expect(socket().readyState).toBe(WebSocket.CLOSED);
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    unhide();
    expect(socket().url).toContain('since=11');
    socket().accept();
    socket().say(batch(12));
    frame();
    expect(bodies()).toEqual(['11', '12']);
  });

  it('keeps the line over a glance at another tab', () => {
    open();
    socket().accept();
    socket().say(view(10));
    hide();
    vi.advanceTimersByTime(5_000);
    unhide();
    vi.advanceTimersByTime(40_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(live.state).toBe('live');
  });

  it('draws nothing and reads nothing while hidden, and has it all at the first look', () => {
    open();
    socket().accept();
    socket().say(view(10));
    frame();
    const parse = vi.spyOn(JSON, 'parse');
    const told: number[] = [];
    live.on('view', (_view, batches) => told.push(batches.length));
    live.on('figures', () => told.push(-1));
    hide();
    for (let seq = 11; seq <= 210; seq += 1) {
      socket().say(batch(seq));
      if (seq % 20 === 0) socket().say(figures);
      vi.advanceTimersByTime(100);
    }
    expect(told).toEqual([]);
    expect(parse).not.toHaveBeenCalled();
    unhide();
    expect(told).toEqual([200]);
    expect([bodies().length, bodies().at(-1), FakeSocket.all.length]).toEqual([200, '210', 1]);
    socket().say(batch(211));
    frame();
    expect(bodies().at(-1)).toBe('211');
  });

  it('draws once though it was opened out of sight', () => {
    hide();
    open();
    socket().accept();
    socket().say(view(10));
    vi.advanceTimersByTime(1_100);
    expect(live.view?.seq).toBe(10);
  });

  it('hears answers while hidden', () => {
    open();
    const acked: string[] = [];
    live.on('ack', ({ ref }) => acked.push(ref));
    socket().accept();
    socket().say(view(10));
    hide();
    socket().say({ type: 'ack', ref: 'r1', id: 'c1', number: 1, state: 'published', reason: '', wait_s: null });
    expect(acked).toEqual(['r1']);
  });

  it('keeps only so much unread; the rest is asked for again', () => {
    open();
    socket().accept();
    socket().say(view(10));
    frame();
    hide();
    const long = 'x'.repeat(300_000);
    for (let seq = 11; seq <= 14; seq += 1) socket().say({ type: 'batch', first_seq: seq, last_seq: seq, items: [{ seq, type: 'comment_published', comment: { ...comment(seq), name: long } }] });
    expect(socket().readyState).toBe(WebSocket.CLOSED);
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    unhide();
    expect(bodies()).toEqual(['11', '12', '13', '14']);
    expect(socket().url).toContain('since=14');
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('does not hang up on what was written and is not answered yet', () => {
    open();
    let waits = true;
    live.stayWhile(() => waits);
    socket().accept();
    socket().say(view(10));
    hide();
    vi.advanceTimersByTime(25_000);
    socket().say(figures);
    vi.advanceTimersByTime(10_000);
    expect(socket().readyState).toBe(WebSocket.OPEN);
    socket().drop();
    vi.advanceTimersByTime(2_000);
    expect(FakeSocket.all).toHaveLength(2);
    socket().accept();
    socket().say(batch(11));
    waits = false;
    vi.advanceTimersByTime(31_000);
    expect(socket().readyState).toBe(WebSocket.CLOSED);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('returns at once from a line that broke meanwhile', () => {
    open();
    socket().accept();
    socket().say(view(10));
    vi.advanceTimersByTime(11_000);
    hide();
    socket().drop();
    expect(live.state).toBe('reconnecting');
    unhide();
    expect(FakeSocket.all).toHaveLength(2);
    expect(socket().url).toContain('since=10');
    // The browser may tell of the break only after the look.
    socket().accept();
    socket().say(batch(11));
    vi.advanceTimersByTime(11_000);
    hide();
    unhide();
    socket().drop();
    vi.advanceTimersByTime(0);
    expect(FakeSocket.all).toHaveLength(3);
  });

  it('takes a line for dead that was silent while the phone slept', () => {
    open();
    socket().accept();
    socket().say(view(10));
    frame();
    hide();
    vi.setSystemTime(Date.now() + 60_000); // Timers stood still.
    unhide();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('stays quiet when the network comes back out of sight', () => {
    open();
    socket().accept();
    socket().say(view(10));
    hide();
    vi.advanceTimersByTime(31_000);
    setDevice('onLine', false, 'offline');
    setDevice('onLine', true, 'online');
    expect(FakeSocket.all).toHaveLength(1);
    unhide();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it('says when the whole view was replaced, even with batches in the same frame', () => {
    open();
    const wholes: boolean[] = [];
    live.on('view', (_view, _batches, whole) => wholes.push(whole));
    socket().accept();
    socket().say(view(10));
    socket().say(batch(11));
    frame();
    socket().say(batch(12));
    frame();
    expect(wholes).toEqual([true, false]);
  });

  it('stays awake at a desk, where hidden tabs must still hear', () => {
    open({ quietWhenHidden: false });
    socket().accept();
    socket().say(view(10));
    hide();
    vi.advanceTimersByTime(50_000);
    socket().say(batch(11));
    vi.advanceTimersByTime(1_100);
    expect(bodies()).toEqual(['11']);
  });
});

describe('the end', () => {
  it('is reached when the session is closed, and nothing is listened to any more', () => {
    open();
    socket().accept();
    socket().say(view(10, { state: 'closed' }));
    frame();
    expect(live.state).toBe('ended');
    expect(socket().readyState).toBe(WebSocket.CLOSED);
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it('is not reached while answers may still come', () => {
    open();
    socket().accept();
    socket().say(view(10, { state: 'ended' }));
    frame();
    expect(live.state).toBe('live');
  });
});
