/**
 * A stand-in for the server, for measuring the page alone: it serves the built pages of `dist/` and speaks the live protocol
 * of `docs/api.md` over a real WebSocket, faster than the server ever would (which samples comments to a readable rate).
 *
 *   const feed = await Feed.open();      // feed.base + feed.path is the session's page
 *   feed.flood(125);                     // comments a second from now on, in batches as the server's ticks make them
 *   feed.burst(5_000);                   // so many at once, in batches of a tick
 *   await feed.close();
 *
 * It knows one session and keeps nothing. What it cannot do (moderation, limits, a log) no page of a viewer asks of it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ack, AnswerFace, Batch, ClientMessage, CommentFace, Item, QuestionFace, ServerMessage, SessionFace, View, What } from '../../src/wire/types.ts';
import { Socket, textFrame } from './socket.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const KINDS: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

/** The server's own: `hub/options.rs` and `protocol/server.rs`. */
const VIEW_COMMENTS = 200;
const VIEW_QUESTIONS = 500;
const REPLAY_BYTES_MAX = 4 << 20;
const STATE_MS = 1_000;

const SESSION_ID = 'f100d00000000001';
const WORDS = ['支持早点改造', '我们小区的水压一直很低', '这个问题问得好', '请供电公司也说说', '老人不会用手机怎么缴费', '去年就说要修，今年还没有动静', '讲得清楚', '能不能把电话再说一遍', '楼道里的阀门都锈了，物业说不归他们管，燃气公司说要业主自己联系，到底找谁'];
const NAMES = ['林阿姨', '周先生', '江边老吴', '晨跑的陈', '建设路居民', ''];

export interface FeedOptions {
  /** Where the picture is; empty for none. @default '' */
  stream_url?: string;
  /** How often a batch leaves; the server's ticks are 50 to 100 ms. @default 80 */
  tick_ms?: number;
}

interface Kept {
  last_seq: number;
  frame: Buffer;
}

export class Feed {
  readonly #server: Server;
  readonly #tick_ms: number;
  readonly #sockets = new Set<Socket>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #session: SessionFace;
  #questions: QuestionFace[] = [];
  #comments: CommentFace[] = [];
  #answers: AnswerFace[] = [];
  #replay: Kept[] = [];
  #replayBytes = 0;
  #rate = 0;
  #owed = 0;
  #last_ms = 0;
  #seq = 0;
  #asked = 0;

  /** Comments published so far; the text of each begins with its number. */
  published = 0;
  /** Addresses of the connections that were opened, oldest first. */
  readonly opened: string[] = [];
  /** What was posted, in the order it came; repeats under the same `ref` are answered and left out. */
  readonly posted: ClientMessage[] = [];
  /** Whether posts are answered. */
  answering = true;

  private constructor(options: FeedOptions) {
    this.#tick_ms = options.tick_ms ?? 80;
    this.#session = sessionOf(options.stream_url ?? '');
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on('upgrade', (request, stream) => this.#connect(request, new URL(request.url ?? '/', 'http://feed'), stream));
    this.#timers.push(
      setInterval(() => this.#tick(), this.#tick_ms),
      setInterval(() => this.#say({ type: 'state', server_ms: Date.now(), watching: 12_000 + (this.#seq % 700) }), STATE_MS),
    );
  }

  static async open(options: FeedOptions = {}): Promise<Feed> {
    if (!existsSync(join(DIST, 'index.html'))) throw new Error('no built pages; run `npm run build` first');
    const feed = new Feed(options);
    await new Promise<void>((resolve) => feed.#server.listen(0, '127.0.0.1', resolve));
    return feed;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.dropAll();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get path(): string {
    return `/h/${this.#session.hall_slug}/s/${SESSION_ID}`;
  }
  get listeners(): number {
    return this.#sockets.size;
  }

  /** Comments a second from now on; 0 stops. */
  flood(per_s: number): void {
    this.#rate = per_s;
    this.#owed = 0;
    this.#last_ms = performance.now();
  }

  /** So many comments now, `per_batch` in a batch. */
  burst(count: number, per_batch = 10): void {
    for (let left = count; left > 0; left -= per_batch) this.#publish(Array.from({ length: Math.min(left, per_batch) }, () => this.#comment()));
  }

  /** So many questions, in one batch for each hundred. */
  ask(count: number): void {
    for (let left = count; left > 0; left -= 100) this.#publish(Array.from({ length: Math.min(left, 100) }, () => this.#question()));
  }

  /** So many presses on questions anywhere in the list, folded into tallies as the server folds them. */
  support(count: number): void {
    const tallies = new Map<string, number>();
    for (let n = 0; n < count; n += 1) {
      const at = (this.#seq * 7 + n * 131) % this.#questions.length;
      const question = this.#questions[at];
      if (!question) return;
      this.#questions[at] = { ...question, supports: question.supports + 1 };
      tallies.set(question.id, question.supports + 1);
    }
    this.#publish([], [...tallies]);
  }

  /** Takes comment number `n` away, as a moderator does. */
  retract(n: number): void {
    const id = `c${n}`;
    this.#comments = this.#comments.filter((comment) => comment.id !== id);
    this.#publish([{ type: 'post_removed', kind: 'comment', id }]);
  }

  /** Every connection breaks without a word. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.drop();
    this.#sockets.clear();
  }

  /** Forgets what could be replayed: who comes back gets the whole view. */
  forget(): void {
    this.#replay = [];
    this.#replayBytes = 0;
  }

  #tick(): void {
    const now_ms = performance.now();
    this.#owed += ((now_ms - this.#last_ms) * this.#rate) / 1_000;
    this.#last_ms = now_ms;
    const due = Math.floor(this.#owed);
    if (due === 0) return;
    this.#owed -= due;
    this.#publish(Array.from({ length: due }, () => this.#comment()));
  }

  #comment(): What {
    this.published += 1;
    const n = this.published;
    return { type: 'comment_published', comment: { id: `c${n}`, name: NAMES[n % NAMES.length] ?? '', body: `${n} ${WORDS[n % WORDS.length]}`, at_ms: Date.now() } };
  }

  #question(): What {
    this.#asked += 1;
    const number = this.#asked;
    const { departments, topics } = this.#session;
    const question: QuestionFace = {
      id: `q${number}`,
      number,
      name: NAMES[number % NAMES.length] ?? '',
      body: `${WORDS[number % WORDS.length]}？第 ${number} 位提问的人也想知道什么时候能有答复。`,
      topic: topics[number % topics.length] ?? '',
      place: number % 3 === 0 ? '建设路三号院' : '',
      department_id: departments[number % departments.length]?.id ?? null,
      at_ms: Date.now(),
      supports: (number * 37) % 400,
      disposition: null,
      merged_into: null,
      reason: '',
    };
    return { type: 'question_published', question };
  }

  #publish(whats: readonly What[], tallies: [string, number][] = []): void {
    const first_seq = this.#seq + 1;
    const items: Item[] = whats.map((what, at) => ({ seq: first_seq + at, ...what }));
    // Supports have numbers of their own though no item shows them.
    this.#seq += items.length + (tallies.length > 0 ? 1 : 0);
    for (const what of whats) {
      if (what.type === 'comment_published') this.#comments.push(what.comment);
      else if (what.type === 'question_published') this.#questions.push(what.question);
      else if (what.type === 'session_changed') this.#session = what.session;
    }
    if (this.#comments.length > 2 * VIEW_COMMENTS) this.#comments = this.#comments.slice(-VIEW_COMMENTS);
    const batch: Batch = { first_seq, last_seq: this.#seq, items, ...(tallies.length > 0 ? { tallies } : {}) };
    const frame = this.#say({ type: 'batch', ...batch });
    this.#replay.push({ last_seq: this.#seq, frame });
    this.#replayBytes += frame.length;
    while (this.#replayBytes > REPLAY_BYTES_MAX) this.#replayBytes -= this.#replay.shift()?.frame.length ?? 0;
  }

  #say(message: ServerMessage): Buffer {
    const frame = textFrame(JSON.stringify(message));
    for (const socket of this.#sockets) socket.send(frame);
    return frame;
  }

  #connect(request: IncomingMessage, url: URL, stream: ConstructorParameters<typeof Socket>[1]): void {
    this.opened.push(url.pathname + url.search);
    const socket: Socket = new Socket(request, stream, (text) => this.#hear(socket, JSON.parse(text) as ClientMessage), () => this.#sockets.delete(socket));
    const since = url.searchParams.get('since');
    const missed = since === null ? null : this.#since(Number(since));
    socket.send(missed ?? textFrame(JSON.stringify({ type: 'view', ...this.#view() } satisfies ServerMessage)));
    this.#sockets.add(socket);
  }

  /** What came after `seq`, null when some of it is no longer kept. */
  #since(seq: number): Buffer | null {
    if (seq === this.#seq) return Buffer.alloc(0);
    const from = this.#replay.findIndex((kept) => kept.last_seq > seq);
    const first = this.#replay[from - 1]?.last_seq;
    if (from === -1 || (first ?? Infinity) > seq) return null;
    return Buffer.concat(this.#replay.slice(from).map((kept) => kept.frame));
  }

  #view(): View {
    const questions = [...this.#questions].sort((a, b) => b.supports - a.supports || b.number - a.number).slice(0, VIEW_QUESTIONS);
    return {
      version: 1,
      seq: this.#seq,
      server_ms: Date.now(),
      session: this.#session,
      questions,
      questions_total: this.#questions.length,
      comments: this.#comments.slice(-VIEW_COMMENTS),
      answers: this.#answers,
      watching: 12_000,
    };
  }

  #hear(socket: Socket, message: ClientMessage): void {
    const answer = (reply: ServerMessage): void => socket.send(textFrame(JSON.stringify(reply)));
    if (message.type === 'hello') {
      answer({ type: 'welcome', participant: PERSON });
      return;
    }
    const known = this.posted.findIndex((before) => 'ref' in before && before.ref === message.ref);
    if (known === -1) this.posted.push(message);
    const id = `p${known === -1 ? this.posted.length : known + 1}`;
    // Stored and public even where the answer is lost.
    if (known === -1 && message.type === 'comment') this.#publish([{ type: 'comment_published', comment: { id, name: PERSON.name, body: message.body, at_ms: Date.now() } }]);
    if (!this.answering) return;
    const ack: Ack = { ref: message.ref, id, number: this.posted.length, state: 'published', reason: '', wait_s: null };
    answer({ type: 'ack', ...ack });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.base);
    const json = (value: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url.pathname.startsWith('/api/')) {
      const leaf = url.pathname.split('/').at(-1) ?? '';
      const answers: Readonly<Record<string, unknown>> = {
        participants: { token: 'a-token', participant: PERSON, expires_ms: Date.now() + 86_400_000 },
        mine: { posts: [], supported: [] },
        reasons: [],
        similar: { questions: [] },
        comments: { comments: [], next_cursor: null },
        questions: { questions: [], next_cursor: null },
        options: { demonstration: false, phone: false },
      };
      if (leaf in answers) json(answers[leaf]);
      else response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":"not_found"}');
      return;
    }
    const path = join(DIST, normalize(url.pathname));
    const isFile = extname(path) in KINDS && path.startsWith(DIST) && existsSync(path);
    if (!isFile && extname(path) !== '') {
      response.writeHead(404).end();
      return;
    }
    const file = isFile ? path : join(DIST, 'index.html');
    response.writeHead(200, { 'content-type': `${KINDS[extname(file)]}; charset=utf-8` }).end(readFileSync(file));
  }
}

const PERSON = { id: 'a000000000000001', name: '量表的人', tier: 'guest' } as const;

function sessionOf(stream_url: string): SessionFace {
  const departments = ['供电公司', '供水公司', '燃气公司'].map((name, at) => ({ id: `d${at + 1}`, name }));
  return {
    id: SESSION_ID,
    hall_id: 'h1',
    hall_slug: 'flood',
    hall_name: '北岭议事厅',
    hall_color: '',
    code: 'FLOOD1',
    kind: 'consultation',
    title: '水电气计价与安全管理',
    intro: '水、电、气的价格怎么定，老旧管线怎么管。',
    venue: '区政协三楼会议室',
    host_name: '沈岚',
    state: 'live',
    starts_ms: Date.now() - 3_600_000,
    started_ms: Date.now() - 3_600_000,
    ended_ms: null,
    stream_url,
    announcement: '',
    policy: { comment_tier: 'guest', question_tier: 'guest', support_tier: 'guest', comment_mode: 'publish_first', question_mode: 'publish_first', slow_mode_s: 0 },
    topics: ['计价', '安全', '服务'],
    departments,
    segments: [{ id: 'g1', title: '燃气安全问答', department_id: 'd3', planned_minutes: 20, started_ms: Date.now() - 300_000, ended_ms: null }],
    materials: [],
    stage: null,
  };
}
