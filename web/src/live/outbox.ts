/**
 * What a person sent and the server has not yet stored. It survives reloads and lost lines and is sent again under the
 * same `ref` until it is acknowledged or refused for good, so nothing is lost and nothing is doubled.
 *
 *   const outbox = new Outbox({ session_id, send, texts: browserTexts() });
 *   const ref = outbox.put({ type: 'comment', body });      // null when OUTBOX_MAX wait already
 *   outbox.ready(person);  outbox.lost();  outbox.acked(ack);  outbox.refused(error);   // told by the connection
 *   outbox.on('change', (entries) => …);
 *
 * Each entry is a key of its own in the storage, so two tabs of one session never overwrite each other's; both may send
 * the same entry, which the server answers alike. It knows no transport: `send` says whether the message was handed over.
 */
import type { Ack, ClientMessage, ErrorMessage, ParticipantId, Ref } from '@/wire/types';
import type { FailureCode } from './api';
import { Listeners } from './listeners';
import type { KeptTexts } from './storage';

/** More than anybody writes on a train through a tunnel; the server's rate limits are lower. */
export const OUTBOX_MAX = 50;
/** No answer for so long on an open line: the answer was lost with an older one. */
const ANSWER_MS = 10_000;
/** Pause after `unavailable` without a time of its own. */
const RETRY_MS = 2_000;

type WithoutRef<T> = T extends { ref: Ref } ? Omit<T, 'ref'> : never;
/** What can be put into the outbox: every client message that has a `ref`, without it. */
export type OutboxMessage = WithoutRef<ClientMessage>;
/** The same as it is sent. */
export type OutgoingMessage = Extract<ClientMessage, { ref: Ref }>;

/**
 * `waiting`: for the line or for its turn. `sent`: handed over, not answered. `needs_identity`: the server wants to know
 * who is writing, or a better known person. `refused`: for good; kept so that the person can change it or let it go.
 */
export type OutboxEntryState = 'waiting' | 'sent' | 'needs_identity' | 'refused';

export interface OutboxEntry {
  message: OutgoingMessage;
  at_ms: number;
  /** Who wrote it; null when written before signing in. */
  author_id: ParticipantId | null;
  state: OutboxEntryState;
  /** Why it waits or was refused. `other_person` never comes from the server: somebody else uses the device now. */
  failure: { code: FailureCode | 'other_person'; params: Record<string, string>; retry_after_ms?: number } | null;
  /** Not sent again before. */
  not_before_ms: number;
}

type OutboxEvents = {
  change: [entries: readonly OutboxEntry[]];
  /** Stored by the server for good. */
  acked: [entry: OutboxEntry, ack: Ack];
  /** Refused for good, or waiting for a person. */
  refused: [entry: OutboxEntry];
};

export interface OutboxOptions {
  session_id: string;
  /** Hands over one message; false when nobody would hear it. Its answer comes by `acked` or `refused`. */
  send: (message: OutgoingMessage) => boolean;
  texts: KeptTexts;
  /** @default random, 22 characters */
  makeRef?: () => Ref;
}

/** What a refusal means for something that was sent. */
export function fateOf(code: FailureCode): 'again' | 'identity' | 'refused' {
  switch (code) {
    case 'rate_limited':
    case 'unavailable':
    case 'offline':
    case 'unexpected':
    case 'wrong_version': // The page reloads itself and sends it then.
      return 'again';
    case 'unauthenticated':
    case 'expired':
    case 'tier_too_low':
      return 'identity';
    default:
      return 'refused';
  }
}

export class Outbox {
  private readonly options: OutboxOptions;
  private readonly listeners = new Listeners<OutboxEvents>();
  private readonly prefix: string;
  private list: OutboxEntry[] = [];
  private author_id: ParticipantId | null = null;
  private isReady = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.options = options;
    this.prefix = `yishiting.outbox.${options.session_id}.`;
    for (const key of options.texts.keys()) {
      const entry = key.startsWith(this.prefix) ? parseEntry(options.texts.get(key)) : null;
      if (entry) this.list.push(entry);
    }
    this.list.sort((a, b) => a.at_ms - b.at_ms);
  }

  /** In the order they were written. */
  get entries(): readonly OutboxEntry[] {
    return this.list;
  }

  on<Name extends keyof OutboxEvents>(name: Name, listener: (...args: OutboxEvents[Name]) => void): () => void {
    return this.listeners.on(name, listener);
  }

  /** Keeps a message and sends it as soon as may be; null when the outbox is full. */
  put(message: OutboxMessage): Ref | null {
    if (message.type === 'support') this.dropUnsentSupport(message.question_id);
    if (this.list.length >= OUTBOX_MAX) return null;
    const ref = (this.options.makeRef ?? randomRef)();
    const entry: OutboxEntry = {
      message: { ...message, ref } as OutgoingMessage,
      at_ms: Date.now(),
      author_id: this.author_id,
      state: 'waiting',
      failure: null,
      not_before_ms: 0,
    };
    this.list = [...this.list, entry];
    this.keep(entry);
    this.changed();
    this.flush();
    return ref;
  }

  /** The line is open for this person. Whatever waits goes out, and what was not answered goes out again. */
  ready(author_id: ParticipantId | null): void {
    this.isReady = true;
    this.author_id = author_id;
    for (const entry of this.list) {
      const strange = author_id !== null && entry.author_id !== null && entry.author_id !== author_id;
      if (strange && entry.state !== 'refused') {
        this.update(entry, { state: 'refused', failure: { code: 'other_person', params: {} } });
      } else if (entry.state === 'sent' || entry.state === 'needs_identity') {
        this.update(entry, { state: 'waiting', author_id: entry.author_id ?? author_id });
      }
    }
    this.changed();
    this.flush();
  }

  /** The line is gone. */
  lost(): void {
    this.isReady = false;
    clearTimeout(this.timer);
    for (const entry of this.list) if (entry.state === 'sent') this.update(entry, { state: 'waiting' });
    this.changed();
  }

  acked(ack: Ack): void {
    const entry = this.find(ack.ref);
    if (!entry) return;
    this.remove(entry);
    this.changed();
    this.listeners.emit('acked', entry, ack);
  }

  /** An answer to one message; errors without a `ref` are the connection's own matter. */
  refused(error: Pick<ErrorMessage, 'ref' | 'params' | 'retry_after_ms'> & { code: FailureCode }): void {
    const entry = error.ref === undefined ? undefined : this.find(error.ref);
    if (!entry) return;
    const { code, retry_after_ms } = error;
    const failure = { code, params: (error.params ?? {}) as Record<string, string>, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) };
    const fate = fateOf(code);
    if (fate === 'again') {
      this.update(entry, { state: 'waiting', failure, not_before_ms: Date.now() + (retry_after_ms ?? RETRY_MS) });
      this.wakeFor();
    } else {
      this.update(entry, { state: fate === 'identity' ? 'needs_identity' : 'refused', failure });
    }
    this.changed();
    if (fate !== 'again') this.listeners.emit('refused', entry);
  }

  /** Lets a refused or waiting entry go. */
  discard(ref: Ref): void {
    const entry = this.find(ref);
    if (!entry) return;
    this.remove(entry);
    this.changed();
  }

  /** Sends what may be sent now, oldest first. */
  flush(): void {
    if (!this.isReady) return;
    const now_ms = Date.now();
    for (const entry of this.list) {
      if (entry.state === 'sent' && now_ms - entry.not_before_ms >= ANSWER_MS) entry.state = 'waiting';
      if (entry.state !== 'waiting' || entry.not_before_ms > now_ms) continue;
      if (!this.options.send(entry.message)) {
        this.isReady = false; // Until the connection says so again; asking it meanwhile would be polling.
        break;
      }
      // From here on `not_before_ms` is when it was handed over; a second sending waits for ANSWER_MS after it.
      this.update(entry, { state: 'sent', not_before_ms: now_ms, author_id: entry.author_id ?? this.author_id });
    }
    this.changed();
    this.wakeFor();
  }

  /** Another tab's entry was answered there; this tab need not send it again. */
  forget(key: string): void {
    if (!key.startsWith(this.prefix)) return;
    this.list = this.list.filter((entry) => entry.message.ref !== key.slice(this.prefix.length));
    this.changed();
  }

  stop(): void {
    this.isReady = false;
    clearTimeout(this.timer);
  }

  /** One timer for the next entry that becomes due. */
  private wakeFor(): void {
    clearTimeout(this.timer);
    const due = this.list.flatMap((entry) =>
      entry.state === 'waiting' ? [entry.not_before_ms] : entry.state === 'sent' ? [entry.not_before_ms + ANSWER_MS] : [],
    );
    if (!this.isReady || due.length === 0) return;
    this.timer = setTimeout(() => this.flush(), Math.max(50, Math.min(...due) - Date.now()));
  }

  /** A press that was taken back before it left need not leave at all. */
  private dropUnsentSupport(question_id: string): void {
    for (const entry of this.list) {
      const { message } = entry;
      if (message.type === 'support' && message.question_id === question_id && entry.state !== 'sent' && entry.failure === null) {
        this.remove(entry);
      }
    }
  }

  private find(ref: Ref): OutboxEntry | undefined {
    return this.list.find((entry) => entry.message.ref === ref);
  }

  private update(entry: OutboxEntry, change: Partial<OutboxEntry>): void {
    Object.assign(entry, change);
    this.keep(entry);
  }

  private keep(entry: OutboxEntry): void {
    this.options.texts.set(this.prefix + entry.message.ref, JSON.stringify(entry));
  }

  private remove(entry: OutboxEntry): void {
    this.list = this.list.filter((other) => other !== entry);
    this.options.texts.remove(this.prefix + entry.message.ref);
  }

  private changed(): void {
    this.listeners.emit('change', this.list);
  }
}

function parseEntry(text: string | null): OutboxEntry | null {
  try {
    const entry = JSON.parse(text ?? '') as Partial<OutboxEntry>;
    if (typeof entry.message?.ref !== 'string' || typeof entry.at_ms !== 'number') return null;
    return {
      message: entry.message,
      at_ms: entry.at_ms,
      author_id: entry.author_id ?? null,
      state: entry.state === 'refused' ? 'refused' : 'waiting',
      failure: entry.failure ?? null,
      not_before_ms: 0,
    };
  } catch {
    return null;
  }
}

/** 128 bits of chance in the alphabet of a `ref`. */
export function randomRef(): Ref {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
