/** Reads a hand-over package with readers that are not ours. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OUTPUT } from './browser.ts';

const READER = fileURLToPath(new URL('../../../tests/tools/read_package.py', import.meta.url));
/** Where the test scripts put a Python that can read the documents; else the one in PATH. */
const PYTHON = [fileURLToPath(new URL('../../../.tools/python/bin/python3', import.meta.url))];

export interface PackageSummary {
  edition: string;
  files: number;
  questions: number;
  answers: number;
  suggestions: number;
  units: number;
  tally: Record<string, number>;
}

/** Throws with the first promise the package breaks. */
export function readPackage(path: string): PackageSummary {
  const python = PYTHON.find((candidate) => existsSync(candidate)) ?? 'python3';
  const done = spawnSync(python, [READER, path], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the package ${path} is broken: ${done.stderr}${done.error?.message ?? ''}`);
  return JSON.parse(done.stdout) as PackageSummary;
}

/** Throws when two files differ, and keeps both for whoever wants to know where. */
export function expectSameBytes(one: string, other: string): void {
  if (readFileSync(one).equals(readFileSync(other))) return;
  mkdirSync(OUTPUT, { recursive: true });
  for (const path of [one, other]) copyFileSync(path, join(OUTPUT, basename(path)));
  throw new Error(`${basename(one)} and ${basename(other)} differ; both are kept in ${OUTPUT}`);
}
