/**
 * A hall with a session in every state, made through the same doors the pages use but without pages: where to look is the
 * subject of a test that needs it, not how it came about.
 */
import { randomBytes } from 'node:crypto';
import type {
  Ack,
  AnswerRequest,
  AppealRequest,
  CreateStaffRequest,
  DecisionRequest,
  HallPage,
  HallRequest,
  PolicyFace,
  PreparedSession,
  SessionRequest,
  SessionState,
  StaffAccount,
  StaffMe,
  SuggestionRequest,
  TokenAnswer,
  View,
} from '../../src/wire/types.ts';
import type { Server } from './server.ts';

export const PASSWORD = 'qiao-lu-deng-1975';
export const LOGIN = 'everything';

/** What the author of the retracted comment of the ended session objects with. */
export const OBJECTION = '护栏就在校门口，正是今天的议题';

const POLICY: PolicyFace = { comment_tier: 'guest', question_tier: 'guest', support_tier: 'guest', comment_mode: 'publish_first', question_mode: 'publish_first', slow_mode_s: 0 };
const DEPARTMENTS = ['供电公司', '供水公司', '燃气公司', '发展和改革局', '住房和城乡建设局'];

/** Asks one server, as one person or as staff. */
export class Client {
  readonly #base: string;
  #cookie = '';
  #token = '';

  constructor(base: string) {
    this.#base = `${base}/api/v1`;
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.#base + path, {
      method,
      headers: {
        'x-yishiting': '1',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#cookie ? { cookie: this.#cookie } : {}),
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    this.#cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? this.#cookie;
    return (text ? JSON.parse(text) : null) as T;
  }

  get cookie(): { name: string; value: string } {
    const at = this.#cookie.indexOf('=');
    return { name: this.#cookie.slice(0, at), value: this.#cookie.slice(at + 1) };
  }

  static async netizen(base: string, name: string): Promise<Client> {
    const client = new Client(base);
    client.#token = (await client.ask<TokenAnswer>('POST', '/participants', { name })).token;
    return client;
  }

  post(session: string, kind: 'question' | 'comment', body: string, more: { department_id?: string; topic?: string; place?: string } = {}): Promise<Ack> {
    const ref = randomBytes(12).toString('hex');
    const rest = kind === 'question' ? { topic: more.topic ?? null, department_id: more.department_id ?? null, place: more.place ?? null } : {};
    return this.ask('POST', `/sessions/${session}/${kind}s`, { ref, body, ...rest });
  }

  support(session: string, question: string): Promise<Ack> {
    return this.ask('PUT', `/sessions/${session}/questions/${question}/support?ref=${randomBytes(12).toString('hex')}`);
  }
}

export interface World {
  staff: Client;
  hall: HallPage;
  /** Ids of one session in each state; `live` has something on stage. */
  sessions: Record<SessionState, string>;
  /** Code of the live one. */
  code: string;
}

export async function makeWorld(server: Server): Promise<World> {
  const staff = new Client(server.base);
  const token = new URL(server.setupLink).searchParams.get('token');
  const me = await staff.ask<StaffMe>('POST', '/staff/setup', { token, login_name: LOGIN, name: '沈岚', password: PASSWORD });
  const request: HallRequest = {
    slug: 'beiling',
    name: '北岭议事厅',
    body_name: '北岭区政协办公室',
    color: '#6b2f8a',
    intro: '听民声，议实事。每月一次，部门到场，网民提问，会后逐条交代。',
    rules: '就事论事，不说粗话，不公布他人隐私。',
    contact: '区政协办公室，工作日九点到十七点。',
    policy: POLICY,
    departments: DEPARTMENTS.map((name) => ({ id: null, name })),
    members: ['何委员', '周委员', '林委员'],
  };
  const hall = await staff.ask<HallPage>('POST', '/halls', request);
  const departments = Object.fromEntries(hall.departments.map(({ id, name }) => [name, id]));
  const gas = departments['燃气公司'] ?? '';
  const colleague: CreateStaffRequest = { login_name: 'mod', name: '审核小李', password: PASSWORD };
  const other = await staff.ask<StaffAccount>('POST', '/staff/accounts', colleague);
  await staff.ask('PUT', `/halls/${hall.id}/grants`, { staff_id: other.id, roles: [{ role: 'moderator', department_id: null }] });
  await staff.ask('PUT', `/halls/${hall.id}/grants`, {
    staff_id: me.id,
    roles: [...(['administrator', 'host', 'moderator', 'secretary'] as const).map((role) => ({ role, department_id: null })), { role: 'department_officer', department_id: gas }],
  });

  /** Five new people for every session: one person may ask only a few questions at once. */
  const come = (): Promise<Client[]> => Promise.all(['林阿姨', '周先生', '何工', '江边老吴', '晨跑的陈'].map((name) => Client.netizen(server.base, name)));

  async function make(title: string): Promise<PreparedSession> {
    const session: SessionRequest = {
      kind: 'consultation',
      title,
      intro: '水、电、气的价格怎么定，老旧管线怎么管。部门先通报情况，再回答网民的提问；没有来得及回答的，会后书面答复。',
      venue: '区政协三楼会议室',
      host_name: '沈岚',
      starts_ms: Date.now() + 3 * 86_400_000,
      stream_url: '',
      topics: ['计价', '安全', '服务'],
      department_ids: hall.departments.map(({ id }) => id),
      segments: [
        { id: null, title: '通报情况', department_id: null, planned_minutes: 10 },
        { id: null, title: '燃气安全问答', department_id: gas, planned_minutes: 20 },
        { id: null, title: '水价问答', department_id: departments['供水公司'] ?? null, planned_minutes: 20 },
      ],
      materials: [{ title: '阶梯气价说明', body: '第一档每户每年三百立方米以内，第二档三百到六百立方米。', url: '' }],
    };
    return staff.ask('POST', `/halls/${hall.id}/sessions`, session);
  }
  const move = (id: string, ...states: SessionState[]): Promise<unknown> =>
    states.reduce<Promise<unknown>>((before, to) => before.then(() => staff.ask('POST', `/sessions/${id}/state`, { to })), Promise.resolve());

  /** Asks five questions with supports, and returns who asked. */
  async function fill(id: string): Promise<readonly Client[]> {
    const people = await come();
    const questions = [
      ['老小区的燃气软管什么时候统一更换？我们楼用了二十多年，物业说不归他们管，燃气公司说要业主自己联系，到底找谁？', '燃气公司', '安全', '锦江花园'],
      ['燃气表走得太快，去哪里申请检定，检定要不要钱？', '燃气公司', '计价', ''],
      ['六楼晚高峰几乎没有水，二次加压泵房什么时候改造？', '供水公司', '服务', '建设路三号院'],
      ['峰谷电价普通居民能不能自己选择？', '供电公司', '计价', ''],
      ['租房的人怎样用身份证查到自己的水费账单？', '', '服务', ''],
    ] as const;
    for (const [at, [body, department, topic, place]] of questions.entries()) {
      const ack = await people[at]!.post(id, 'question', body, { department_id: departments[department], topic, place });
      for (const supporter of people.slice(at)) await supporter.support(id, ack.id ?? '');
    }
    return people;
  }
  const view = (id: string): Promise<View> => staff.ask('GET', `/sessions/${id}/view`);
  const numbered = async (id: string, number: number): Promise<string> => (await view(id)).questions.find((question) => question.number === number)?.id ?? '';
  const written: AnswerRequest = { department_id: gas, answer_type: 'commitment', body: '全部老小区的软管统一换成金属软管，费用由公司承担。', speaker: '管网科', owner: '管网科 张建国', due_date: '2100-06-30', basis: '', transfer_to: null };

  const draft = await make('供热计量改造意见征集');
  const scheduled = await make('夜间施工与噪声管理');
  await move(scheduled.session.id, 'scheduled');
  await (await come())[0]!.post(scheduled.session.id, 'question', '夜里十一点以后施工，打哪个电话有人管？');

  const live = await make('水电气计价与安全管理');
  const id = live.session.id;
  await move(id, 'scheduled', 'live');
  const people = await fill(id);
  for (const [at, text] of ['楼道里的阀门也锈了', '支持，早就该换了', '供水公司的人今天来了吗', '我家水压也低', '讲得清楚，给主持人点赞'].entries()) await people[at]!.post(id, 'comment', text);
  await staff.ask('POST', `/sessions/${id}/segment`, { segment_id: live.session.segments[1]?.id });
  await staff.ask('POST', `/questions/${await numbered(id, 1)}/answers`, written);
  await staff.ask('PUT', `/sessions/${id}/stage`, { question_id: await numbered(id, 2) });
  await staff.ask('POST', `/sessions/${id}/answering`, { department_id: gas, speaker: '张建国' });
  await staff.ask('PUT', `/sessions/${id}/next-up`, { question_ids: [await numbered(id, 3), await numbered(id, 4)] });
  await staff.ask('PUT', `/sessions/${id}/announcement`, { text: '三点整休息十分钟' });
  await staff.ask('PUT', `/sessions/${id}/policy`, { ...POLICY, question_mode: 'hold_first' });
  for (const [at, text] of ['请问管道天然气的安装费有没有减免？', '抄表员两个月没有来过了，是不是估算的？', '加我微信领红包，先到先得'].entries()) await people[at]!.post(id, 'question', text, { department_id: gas });

  const paused = await make('停车难与道路划线');
  await move(paused.session.id, 'scheduled', 'live', 'paused');
  const ended = await make('小学放学时段交通组织');
  await move(ended.session.id, 'scheduled', 'live');
  const askers = await fill(ended.session.id);
  await staff.ask('POST', `/questions/${await numbered(ended.session.id, 1)}/answers`, written);
  // A colleague took a comment down and its author objects: the first person of staff may decide on it, the colleague may not.
  const objected = await askers[0]!.post(ended.session.id, 'comment', '学校门口的护栏是谁定的，站出来说句话');
  const moderator = new Client(server.base);
  await moderator.ask<StaffMe>('POST', '/staff/login', { login_name: 'mod', password: PASSWORD });
  const taken: DecisionRequest = { verdict: 'retract', items: [{ kind: 'comment', id: objected.id ?? '', revision: 1, lease: null }], reason: 'off_topic', note: '' };
  await moderator.ask('POST', `/sessions/${ended.session.id}/decisions`, taken);
  const objection: AppealRequest = { reason: OBJECTION };
  await askers[0]!.ask('POST', `/sessions/${ended.session.id}/posts/comment/${objected.id}/appeal`, objection);
  await move(ended.session.id, 'ended');
  const suggestion: SuggestionRequest = {
    title: '改善老小区高层供水压力',
    summary: '两个小区反映晚高峰高层没有水。',
    category: '供水',
    department_id: departments['供水公司'] ?? null,
    co_department_ids: [],
    source: 'question',
    question_ids: [await numbered(ended.session.id, 3)],
    comment_ids: [],
    raised_by: '',
    due_date: '2100-05-01',
    requirement: '书面答复提出人',
  };
  await staff.ask('POST', `/sessions/${ended.session.id}/suggestions`, suggestion);

  const closed = await make('社区食堂怎么办下去');
  await move(closed.session.id, 'scheduled', 'live');
  await fill(closed.session.id);
  await staff.ask('POST', `/questions/${await numbered(closed.session.id, 1)}/answers`, written);
  const reasons = { disposition: 'declined', merged_into: null, reason: '不属于本次协商的议题' };
  for (const number of [4, 5]) await staff.ask('PUT', `/questions/${await numbered(closed.session.id, number)}/disposition`, reasons);
  await staff.ask('PUT', `/questions/${await numbered(closed.session.id, 2)}/disposition`, { disposition: 'merged', merged_into: await numbered(closed.session.id, 1), reason: '' });
  await staff.ask('POST', `/sessions/${closed.session.id}/suggestions`, { ...suggestion, question_ids: [await numbered(closed.session.id, 3)] });
  await move(closed.session.id, 'ended', 'closed');

  return {
    staff,
    hall,
    sessions: { draft: draft.session.id, scheduled: scheduled.session.id, live: id, paused: paused.session.id, ended: ended.session.id, closed: closed.session.id },
    code: live.session.code,
  };
}
