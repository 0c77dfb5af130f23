/**
 * One live channel of a session, kept alive: a WebSocket, or Server-Sent Events where WebSockets are blocked.
 *
 *   const live = new LiveConnection({ session_id, channel: 'public', reduce: reduceViewAll, token: () => token });
 *   live.on('view', (view, batches, whole) => …);   // once per animation frame, `batches` are those folded in since the last
 *   live.start();
 *   live.send(message);                      // false while nobody would hear it; the outbox keeps and repeats
 *   live.stop();
 *
 * It holds `seq` and the folded view, comes back with `?since=seq` after any loss, and says in `state` where it
 * stands. It knows nothing of Vue, of what the messages mean to a page, and stores nothing.
 *
 * Out of sight it rests (unless it serves a desk): batches are kept as they came, neither parsed nor folded, and nobody is
 * told of them, so a glance at another tab costs neither work nor a new line. After HIDDEN_QUIET_MS, or UNREAD_MAX, the line
 * is hung up, unless something that was written still waits for its answer (`stayWhile`). At the first look what was kept is
 * read and folded in one go, and what was missed is asked for with `since`. A socket that stayed open for hours would keep a
 * phone's radio awake and the server writing to nobody; one closed at once would make every glance a reconnect.
 */
import {
  PROTOCOL_VERSION,
  type Ack,
  type BackstageView,
  type Batch,
  type Channel,
  type ClientMessage,
  type ErrorMessage,
  type OwnPost,
  type ParticipantFace,
  type ServerMessage,
  type State,
  type View,
} from '@/wire/types';
import { backoffMs, chooseTransport, spreadMs, type Experience, type Transport } from './backoff';
import { Listeners } from './listeners';
import { place } from './reduce';

/**
 * `connecting`: the first view is not here yet. `live`: up to date. `reconnecting`: the line broke, waiting for the next
 * try. `resuming`: the line is back, what was missed is on its way. `offline`: the device says it has no network.
 * `ended`: the session is closed for good, nothing more will come. `denied`: the server will not serve this page, see
 * `LiveDenial`.
 */
export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'resuming' | 'offline' | 'ended' | 'denied';

/** Why the state is `denied`: from the close code, or from the status a refused handshake would have had. */
export type LiveDenial = 'not_understood' | 'not_permitted' | 'no_such_session';

/** Close codes, `src/protocol/close.rs`. */
const CLOSE = { goingAway: 4000, notUnderstood: 4001, notPermitted: 4003, noSuchSession: 4004 } as const;
const DENIALS: Readonly<Record<number, LiveDenial>> = {
  [CLOSE.notUnderstood]: 'not_understood',
  [CLOSE.notPermitted]: 'not_permitted',
  [CLOSE.noSuchSession]: 'no_such_session',
};

const REFUSALS: Readonly<Record<number, LiveDenial>> = { 401: 'not_permitted', 403: 'not_permitted', 404: 'no_such_session' };
/** Of the failures in a row every so many-th is looked into; a login may have ended while the line was away. */
const PROBE_EVERY = 3;

/** A connection that opens but says nothing for so long is one a middlebox swallows. A view on a slow 3G takes five. */
const FIRST_MESSAGE_MS = 15_000;
/** Figures come about once a second; so long without anything means the phone moved and nobody told the socket. */
const SILENCE_MS = 60_000;
/** A tab out of sight for so long stops listening; a glance at another tab costs nothing. */
const HIDDEN_QUIET_MS = 30_000;
/** Characters a resting tab keeps unread. Half a minute of 125 comments a second is 0.7 million. */
const UNREAD_MAX = 1_000_000;
/** How batches and figures begin on the wire (the tag comes first), told apart without parsing them. */
const BATCH_HEAD = '{"type":"batch"';
const FIGURES_HEAD = '{"type":"state"';
/** The server speaks at least every 45 s. Older silence, met by a look, is a phone that slept: the line is taken for dead. */
const HEARD_LATELY_MS = 48_000;
/** A line that ends so soon after the first look died while nobody looked; the reader need not wait for a spread return. */
const JUST_SHOWN_MS = 3_000;
/** A connection that held so long has ended the row of failures. */
const HELD_MS = 10_000;
/** Batches of a tab without animation frames are folded this often. */
const HIDDEN_FOLD_MS = 1_000;

// A type, not an interface: only types fit the index signature `Listeners` asks for.
export type LiveEvents<V> = {
  state: [state: LiveState];
  /** The view, the batches folded into it since the last time, and whether the whole of it was replaced before them. */
  view: [view: V, batches: readonly Batch[], whole: boolean];
  figures: [figures: State];
  /** The greeting was accepted; what is sent from now on is heard. */
  welcome: [participant: ParticipantFace];
  /** The way is open for what needs no greeting over this transport; the outbox flushes on it. */
  ready: [];
  ack: [ack: Ack];
  refused: [error: ErrorMessage];
  own: [post: OwnPost];
};

export interface LiveOptions<V> {
  session_id: string;
  channel: Channel;
  /** Folds batches that follow one another into the view. */
  reduce: (view: V, batches: readonly Batch[]) => V;
  /** Token of the person who writes, null while there is none. Asked for at every opening. */
  token?: () => string | null;
  /** Whether a tab out of sight stops listening. @default true */
  quietWhenHidden?: boolean;
  /** Between 0 and 1. @default Math.random */
  chance?: () => number;
  /** @default the browser's own */
  openSocket?: (url: string) => WebSocket;
  /** @default the browser's own */
  openEvents?: (url: string) => EventSource;
  /** HTTP status of an address, 0 when there was no answer. @default asks the browser */
  statusOf?: (url: string) => Promise<number>;
}

export class LiveConnection<V extends View | BackstageView> {
  private readonly options: LiveOptions<V>;
  private readonly listeners = new Listeners<LiveEvents<V>>();
  private readonly experience: Experience = { websocketWorked: false, websocketFailures: 0, eventsWorked: false };
  private readonly unhook: (() => void)[] = [];

  private stateNow: LiveState = 'connecting';
  private denialNow: LiveDenial | null = null;
  private viewNow: V | null = null;
  /** The number of the last batch received, folded or not; null before the first view. */
  private seq: number | null = null;
  /** Read and not yet folded: a whole view that replaces the one there is, then batches. */
  private wholeWaiting: V | null = null;
  private waiting: Batch[] = [];
  /** Batches that came while resting, as they came. */
  private unread: string[] = [];
  private unreadLength = 0;
  /** Whether more came than is kept: from there on it is asked for again. */
  private overrun = false;
  private heard_ms = 0;
  private shown_ms = 0;
  private busy: () => boolean = () => false;
  private figures: State | null = null;

  private socket: WebSocket | null = null;
  private events: EventSource | null = null;
  private transportNow: Transport = 'websocket';
  /** Whether the open connection has delivered anything. */
  private heard = false;
  private greeted = false;
  private attempt = 0;
  private running = false;
  private quiet = false;

  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private heldTimer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private foldTimer: ReturnType<typeof setTimeout> | undefined;
  private frame: number | undefined;

  constructor(options: LiveOptions<V>) {
    this.options = options;
  }

  get state(): LiveState {
    return this.stateNow;
  }
  get denial(): LiveDenial | null {
    return this.denialNow;
  }
  get view(): V | null {
    return this.viewNow;
  }
  /** The way messages come now. */
  get transport(): Transport {
    return this.transportNow;
  }
  /** Whether `send` would be heard: an open WebSocket whose greeting was accepted. */
  get canSend(): boolean {
    return this.greeted && this.socket?.readyState === WebSocket.OPEN;
  }

  on<Name extends keyof LiveEvents<V>>(name: Name, listener: (...args: LiveEvents<V>[Name]) => void): () => void {
    return this.listeners.on(name, listener);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.hook(window, 'online', () => this.cameOnline());
    this.hook(window, 'offline', () => this.wentOffline());
    this.hook(document, 'visibilitychange', () => this.visibility());
    // A page restored from the browser's memory has a socket that only looks open.
    this.hook(window, 'pageshow', (event) => {
      if ((event as PageTransitionEvent).persisted) this.retryNow();
    });
    if (navigator.onLine === false) this.wentOffline();
    else this.open();
  }

  stop(): void {
    this.running = false;
    for (const unhook of this.unhook.splice(0)) unhook();
    this.hangUp();
    this.cancelFold();
    clearTimeout(this.hiddenTimer);
  }

  /** Tries at once instead of at the end of the wait. */
  retryNow(): void {
    if (!this.running || this.stateNow === 'denied' || this.stateNow === 'ended') return;
    this.attempt = 0;
    this.hangUp();
    this.open();
  }

  /** Hands a message to the server; false when nobody would hear it. Being handed over is not being stored: see `ack`. */
  send(message: ClientMessage): boolean {
    if (!this.canSend) return false;
    this.socket?.send(JSON.stringify(message));
    return true;
  }

  /** Greets again, with the token there is now. Called when a person signed in or out. */
  greet(): void {
    this.greeted = false;
    const token = this.options.token?.();
    if (token && this.socket?.readyState === WebSocket.OPEN) {
      const hello: ClientMessage = { type: 'hello', token, version: PROTOCOL_VERSION };
      this.socket.send(JSON.stringify(hello));
    }
  }

  /** A tab out of sight does not hang up while `busy` says that an answer is still to come. */
  stayWhile(busy: () => boolean): void {
    this.busy = busy;
  }

  /** Puts into the view what was read elsewhere (older comments, further questions). */
  amend(change: (view: V) => V): void {
    this.fold();
    if (!this.viewNow) return;
    this.viewNow = change(this.viewNow);
    this.listeners.emit('view', this.viewNow, [], false);
  }

  // ---- the line ----

  private open(): void {
    if (!this.running) return;
    this.hangUp();
    this.readUnread();
    this.overrun = false; // What was not kept comes over the new line.
    this.setState(this.viewNow || this.attempt > 0 ? 'reconnecting' : 'connecting');
    this.transportNow = chooseTransport(this.experience, this.attempt);
    this.heard = false;
    this.greeted = false;
    this.expectWithin(FIRST_MESSAGE_MS);
    if (this.transportNow === 'websocket') this.openSocket();
    else this.openEvents();
  }

  private openSocket(): void {
    const url = this.address('live').replace(/^http/, 'ws');
    const socket = this.options.openSocket?.(url) ?? new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      if (this.seq !== null) this.setState('resuming');
      this.greet();
    };
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(event.data as string);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code, event.reason);
    };
  }

  private openEvents(): void {
    const source = this.options.openEvents?.(this.address('events')) ?? new EventSource(this.address('events'));
    this.events = source;
    source.onopen = () => {
      if (source === this.events && this.seq !== null) this.setState('resuming');
    };
    const receive = (event: MessageEvent): void => {
      if (source === this.events) this.receive(event.data as string);
    };
    for (const name of ['message', 'view', 'backstage_view', 'batch', 'state', 'own']) source.addEventListener(name, receive);
    // The browser would come back by itself, all of them in step and with the old address.
    source.onerror = () => {
      if (source === this.events) this.lost(0, '');
    };
  }

  private address(leaf: 'live' | 'events'): string {
    const url = new URL(`/api/v1/sessions/${this.options.session_id}/${leaf}`, window.location.href);
    if (this.options.channel !== 'public') url.searchParams.set('channel', this.options.channel);
    if (this.seq !== null) url.searchParams.set('since', String(this.seq));
    return url.href;
  }

  private lost(code: number, reason: string): void {
    const failed = !this.heard;
    if (failed && (this.viewNow === null || this.attempt % PROBE_EVERY === PROBE_EVERY - 1)) void this.probe();
    if (this.transportNow === 'websocket' && failed && navigator.onLine !== false) this.experience.websocketFailures += 1;
    this.hangUp();
    const denial = DENIALS[code];
    if (denial) {
      this.deny(denial);
      return;
    }
    if (navigator.onLine === false) {
      this.setState('offline');
      return;
    }
    this.setState('reconnecting');
    const chance = (this.options.chance ?? Math.random)();
    const justShown = this.attempt === 0 && document.visibilityState !== 'hidden' && Date.now() - this.shown_ms < JUST_SHOWN_MS;
    const wait_ms = code === CLOSE.goingAway ? spreadMs(reason, chance) : justShown ? 0 : backoffMs(this.attempt, chance);
    this.attempt += 1;
    this.retryTimer = setTimeout(() => this.open(), wait_ms);
  }

  /** A browser does not say why a handshake was refused. The same stream asked for over HTTP does. */
  private async probe(): Promise<void> {
    const status = await (this.options.statusOf ?? statusOf)(this.address('events'));
    const denial = REFUSALS[status];
    if (denial && this.running && !this.heard) this.deny(denial);
  }

  private deny(denial: LiveDenial): void {
    this.hangUp();
    this.denialNow = denial;
    this.setState('denied');
  }

  /** Closes whatever is open, without the state of a loss. */
  private hangUp(): void {
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    clearTimeout(this.heldTimer);
    const socket = this.socket;
    const source = this.events;
    this.socket = null;
    this.events = null;
    this.greeted = false;
    socket?.close(1000);
    source?.close();
  }

  private expectWithin(wait_ms: number): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.lost(0, ''), wait_ms);
  }

  private firstMessage(): void {
    this.heard = true;
    if (this.transportNow === 'websocket') {
      this.experience.websocketWorked = true;
      this.experience.websocketFailures = 0;
    } else {
      this.experience.eventsWorked = true;
      this.listeners.emit('ready');
    }
    this.heldTimer = setTimeout(() => {
      this.attempt = 0;
    }, HELD_MS);
  }

  // ---- what comes in ----

  private receive(text: string): void {
    const aside = this.resting && this.putAside(text);
    const message = aside ? null : parsed(text);
    if (!aside && !message) return; // Not one of ours; the numbers show whether anything is missing.
    if (!this.heard) this.firstMessage();
    this.heard_ms = Date.now();
    this.expectWithin(SILENCE_MS);
    if (message) this.take(message);
    // Whatever comes over a resumed line comes after what was missed.
    if (this.seq !== null && this.stateNow !== 'live' && this.stateNow !== 'ended') this.setState('live');
    if (this.overrun && this.resting) this.goQuiet();
  }

  private take(message: ServerMessage): void {
    switch (message.type) {
      case 'view':
      case 'backstage_view':
        this.wholeWaiting = message as unknown as V;
        this.waiting = [];
        this.unread = [];
        this.overrun = false;
        this.seq = message.seq;
        this.scheduleFold();
        break;
      case 'batch':
        this.receiveBatch(message);
        break;
      case 'state':
        this.figures = message;
        this.scheduleFold();
        break;
      case 'welcome':
        this.greeted = true;
        this.listeners.emit('welcome', message.participant);
        this.listeners.emit('ready');
        break;
      case 'ack':
        this.listeners.emit('ack', message);
        break;
      case 'error':
        this.listeners.emit('refused', message);
        break;
      case 'own':
        this.listeners.emit('own', message);
        break;
    }
  }

  private receiveBatch(batch: Batch): void {
    if (this.seq === null) return; // Before the first view there is nothing to fold it into.
    const where = place(this.seq, batch);
    if (where === 'repeated') return;
    if (where === 'gap') {
      this.hangUp();
      this.open();
      return;
    }
    this.seq = batch.last_seq;
    this.waiting.push(batch);
    this.scheduleFold();
  }

  private scheduleFold(): void {
    if (this.resting || this.frame !== undefined || this.foldTimer !== undefined) return;
    if (document.visibilityState === 'hidden') this.foldTimer = setTimeout(() => this.fold(), HIDDEN_FOLD_MS);
    else this.frame = requestAnimationFrame(() => this.fold());
  }

  private cancelFold(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    clearTimeout(this.foldTimer);
    this.frame = undefined;
    this.foldTimer = undefined;
  }

  private fold(): void {
    this.cancelFold();
    const whole = this.wholeWaiting;
    const batches = this.waiting;
    this.wholeWaiting = null;
    this.waiting = [];
    if (whole) this.viewNow = whole;
    if (this.viewNow && batches.length > 0) this.viewNow = this.options.reduce(this.viewNow, batches);
    if (this.viewNow && (whole || batches.length > 0)) this.listeners.emit('view', this.viewNow, batches, whole !== null);
    const figures = this.figures;
    this.figures = null;
    if (figures) this.listeners.emit('figures', figures);
    if (this.viewNow && 'session' in this.viewNow && this.viewNow.session.state === 'closed') this.end();
  }

  /** A closed session is final: nothing more will come, so nobody needs to be listened to. */
  private end(): void {
    this.hangUp();
    this.setState('ended');
  }

  // ---- the device ----

  private cameOnline(): void {
    if (this.stateNow !== 'offline') return;
    if (this.quiet) this.setState('resuming');
    else this.retryNow();
  }

  private wentOffline(): void {
    if (this.stateNow === 'denied' || this.stateNow === 'ended') return;
    this.hangUp();
    this.setState('offline');
  }

  private visibility(): void {
    clearTimeout(this.hiddenTimer);
    if (document.visibilityState === 'hidden') {
      // An animation frame asked for before is not coming.
      if (this.frame !== undefined) {
        this.cancelFold();
        this.scheduleFold();
      }
      if (this.options.quietWhenHidden ?? true) this.hiddenTimer = setTimeout(() => this.goQuiet(), HIDDEN_QUIET_MS);
      return;
    }
    this.shown_ms = Date.now();
    this.readUnread();
    this.unreadLength = 0;
    this.fold();
    const slept = this.stateNow === 'live' && this.shown_ms - this.heard_ms > HEARD_LATELY_MS;
    const missed = this.quiet || this.overrun || slept || this.stateNow === 'reconnecting';
    this.quiet = false;
    this.overrun = false;
    if (missed) this.retryNow();
  }

  /** Whether nobody looks and nobody needs to be told: see the head of this file. A page that has shown nothing yet draws once. */
  private get resting(): boolean {
    return document.visibilityState === 'hidden' && (this.options.quietWhenHidden ?? true) && this.viewNow !== null;
  }

  /** Whether a message can wait, or be forgotten, until somebody looks. */
  private putAside(text: string): boolean {
    if (text.startsWith(FIGURES_HEAD)) return true;
    if (!text.startsWith(BATCH_HEAD)) return false;
    if (this.overrun) return true;
    this.unread.push(text);
    this.unreadLength += text.length;
    this.overrun = this.unreadLength > UNREAD_MAX;
    return true;
  }

  private readUnread(): void {
    for (const text of this.unread.splice(0)) {
      const message = parsed(text);
      if (message?.type !== 'batch' || this.seq === null) continue;
      const where = place(this.seq, message);
      if (where === 'gap') {
        this.overrun = true; // The rest is asked for again.
        return;
      }
      if (where === 'repeated') continue;
      this.seq = message.last_seq;
      this.waiting.push(message);
    }
  }

  private goQuiet(): void {
    clearTimeout(this.hiddenTimer);
    if (this.stateNow === 'ended' || this.stateNow === 'denied') return;
    if ((this.stateNow !== 'live' && this.stateNow !== 'reconnecting') || this.busy()) {
      this.hiddenTimer = setTimeout(() => this.goQuiet(), HIDDEN_QUIET_MS);
      return;
    }
    this.quiet = true;
    this.hangUp();
    this.setState('resuming');
  }

  private hook(target: EventTarget, name: string, listener: (event: Event) => void): void {
    target.addEventListener(name, listener);
    this.unhook.push(() => target.removeEventListener(name, listener));
  }

  private setState(state: LiveState): void {
    if (state === this.stateNow) return;
    this.stateNow = state;
    this.listeners.emit('state', state);
  }
}

function parsed(text: string): ServerMessage | null {
  try {
    return JSON.parse(text) as ServerMessage;
  } catch {
    return null;
  }
}

/** Reads no more than the status: the stream behind it has no end. */
async function statusOf(url: string): Promise<number> {
  const enough = new AbortController();
  const timer = setTimeout(() => enough.abort(), FIRST_MESSAGE_MS);
  try {
    return (await fetch(url, { signal: enough.signal, credentials: 'same-origin' })).status;
  } catch {
    return 0;
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
}
