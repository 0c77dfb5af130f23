/** The real program: started on a port of its own with a folder of its own, and ended with the test. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.YISHITING_BIN ?? fileURLToPath(new URL('../../../target/debug/yishiting', import.meta.url));
/** A debug build with a cold cache on a busy machine, fresh database included. */
const START_MS = 60_000;
/** Longer than the drain below; what does not end by then is ended. */
const STOP_MS = 10_000;

export interface Server {
  /** `http://127.0.0.1:PORT` */
  base: string;
  /** Where the first administrator is made; production only, and only at the first start. */
  setupLink: string;
  /** Folder of this server's files. */
  folder: string;
  /** Runs another command of the program with the same configuration and returns what it printed. */
  run: (...words: string[]) => string;
  /** Everything it has said so far. */
  said: () => string;
  stop: () => Promise<void>;
}

/** A port nobody listens on a moment before. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** `yishiting serve` with an empty database. Settles once the one-time link is printed and the server is ready. */
export async function serve(): Promise<Server> {
  const folder = newFolder();
  const base = `http://127.0.0.1:${await freePort()}`;
  const config = join(folder, 'config.toml');
  writeFileSync(
    config,
    `listen = "${new URL(base).host}"
public_url = "${base}"
database = "sqlite:${folder}/yishiting.db"
data_dir = "${folder}/data"
[live]
drain_s = 0
`,
  );
  const program = start(['serve', '--config', config]);
  const setupLink = await program.hears(/\S+\/staff\/setup\?token=\S+/);
  await answers(base, program);
  const run = (...words: string[]): string => {
    const [command = '', ...rest] = words;
    const done = spawnSync(BINARY, [command, '--config', config, ...rest], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`yishiting ${words.join(' ')} ended with ${done.status}\n${done.stderr}`);
    return done.stdout;
  };
  return { base, setupLink, folder, run, said: program.said, stop: () => program.stop(folder) };
}

/** `yishiting demo` with a small crowd, for what only the demonstration has. */
export async function demo(people: number): Promise<Server> {
  const folder = newFolder();
  const base = `http://127.0.0.1:${await freePort()}`;
  const program = start(['demo', '--listen', new URL(base).host, '--crowd', String(people), '--data', join(folder, 'demo')]);
  await answers(base, program);
  const run = (): never => {
    throw new Error('the demonstration has no configuration file');
  };
  return { base, setupLink: '', folder, run, said: program.said, stop: () => program.stop(folder) };
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'yishiting-e2e-'));

interface Program {
  process: ChildProcess;
  said: () => string;
  /** The first thing it says that looks so. */
  hears: (wanted: RegExp) => Promise<string>;
  stop: (folder: string) => Promise<void>;
}

function start(words: string[]): Program {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there; build it with \`cargo build --bin yishiting\``);
  const child = spawn(BINARY, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const listeners = new Set<() => void>();
  const hear = (part: Buffer): void => {
    text += part.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.on('exit', () => listeners.forEach((listener) => listener()));

  const hears = (wanted: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(`the program did not say ${wanted}\n${text}`))), START_MS);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        act();
      };
      const look = (): void => {
        const found = wanted.exec(text)?.[0];
        if (found) settle(() => resolve(found));
        else if (child.exitCode !== null) settle(() => reject(new Error(`the program ended with ${child.exitCode}\n${text}`)));
      };
      listeners.add(look);
      look();
    });

  const stop = async (folder: string): Promise<void> => {
    if (child.exitCode === null) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(hard);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { process: child, said: () => text, hears, stop };
}

/** Asks until the database and the door are ready. */
async function answers(base: string, program: Program): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (program.process.exitCode !== null) throw new Error(`the program ended with ${program.process.exitCode}\n${program.said()}`);
    const answer = await fetch(`${base}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no answer from ${base}\n${program.said()}`);
}
