/** The hand-over package of a session: its files, and the whole of it with a progress one can see. */
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { api, ApiError, toApiError } from '@/live/api';
import type { Code } from '@/wire/types';

export interface PackageFile {
  path: string;
  title: string;
  /** In bytes. */
  size: number;
  sha256: string;
}

/** `internal`: with what units need to work. `public`: without what identifies a person. */
export type Privacy = 'internal' | 'public';

export interface ZipProgress {
  privacy: Privacy;
  /** The server makes the documents first, then they come. */
  stage: 'making' | 'receiving' | 'done';
  /** In bytes. */
  received: number;
  /** In bytes, null when the server did not say. */
  total: number | null;
}

export interface UsePackage {
  files: ShallowRef<PackageFile[] | null>;
  problem: ShallowRef<ApiError | null>;
  zip: ShallowRef<ZipProgress | null>;
  load: () => Promise<void>;
  download: (privacy: Privacy) => Promise<void>;
  fileUrl: (path: string) => string;
}

/** Browsers read the file after the press has ended; a minute is longer than any of them takes. */
const URL_KEPT_MS = 60_000;

export function usePackage(session_id: string): UsePackage {
  const base = `/sessions/${session_id}`;
  const files = shallowRef<PackageFile[] | null>(null);
  const problem = shallowRef<ApiError | null>(null);
  const zip = shallowRef<ZipProgress | null>(null);
  const giveUp = new AbortController();
  onScopeDispose(() => giveUp.abort());

  async function load(): Promise<void> {
    try {
      files.value = (await api.get<{ files: PackageFile[] }>(`${base}/package`)).files;
      problem.value = null;
    } catch (thrown) {
      problem.value = toApiError(thrown);
    }
  }

  async function download(privacy: Privacy): Promise<void> {
    zip.value = { privacy, stage: 'making', received: 0, total: null };
    try {
      const response = await fetch(`/api/v1${base}/package.zip?privacy=${privacy}`, { credentials: 'same-origin', signal: giveUp.signal });
      if (!response.ok || !response.body) throw await refusalOf(response);
      const total = Number(response.headers.get('content-length')) || null;
      const parts: BlobPart[] = [];
      let received = 0;
      const reader = response.body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        received += part.value.byteLength;
        zip.value = { privacy, stage: 'receiving', received, total };
      }
      hand(new Blob(parts, { type: 'application/zip' }), nameOf(response) ?? `${session_id}-${privacy}.zip`);
      zip.value = { privacy, stage: 'done', received, total };
    } catch (thrown) {
      zip.value = null;
      throw thrown instanceof ApiError ? thrown : new ApiError('offline', 0, { message: String(thrown) });
    }
  }

  const fileUrl = (path: string): string => `/api/v1${base}/package/${path.split('/').map(encodeURIComponent).join('/')}`;

  return { files, problem, zip, load, download, fileUrl };
}

async function refusalOf(response: Response): Promise<ApiError> {
  const refusal = (await response.json().catch(() => null)) as { code?: Code } | null;
  return refusal?.code ? new ApiError(refusal.code, response.status, refusal) : new ApiError('unexpected', response.status);
}

/** Name the server gave the file, from `Content-Disposition`; the encoded form carries Chinese. */
export function nameOf(response: Pick<Response, 'headers'>): string | null {
  const header = response.headers.get('content-disposition') ?? '';
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1];
  if (encoded) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return null;
    }
  }
  return /filename="([^"]+)"/i.exec(header)?.[1] ?? null;
}

function hand(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), URL_KEPT_MS);
}
