/**
 * Who writes from this device: a guest with a nickname, or a person whose phone was verified. One for all halls.
 *
 *   identity.value                    // null, or { token, participant }
 *   await joinAsGuest('街坊老李');
 *   const { shown_code } = await sendPhoneCode(phone);   // the code itself only in a demonstration
 *   await verifyPhone(phone, code, name);
 *
 * The token is kept on the device until the person signs out or the server no longer takes it. The phone number is not.
 */
import { readonly, shallowRef } from 'vue';
import type {
  JoinRequest,
  ParticipantFace,
  PhoneCodeAnswer,
  PhoneCodeRequest,
  PhoneVerifyRequest,
  RenameRequest,
  Tier,
  TokenAnswer,
} from '@/wire/types';
import { api } from './api';
import { browserTexts } from './storage';

export interface Identity {
  token: string;
  participant: ParticipantFace;
}

const KEY = 'yishiting.identity';
const TIERS: readonly Tier[] = ['guest', 'verified', 'member', 'staff'];
const texts = browserTexts();

/** What was stored, or null when it is nothing this page understands. */
export function parseIdentity(stored: string | null): Identity | null {
  if (!stored) return null;
  try {
    const value = JSON.parse(stored) as Partial<Identity> | null;
    const person = value?.participant;
    const fits =
      typeof value?.token === 'string' &&
      typeof person?.id === 'string' &&
      typeof person.name === 'string' &&
      TIERS.includes(person.tier);
    return fits ? { token: value.token as string, participant: person } : null;
  } catch {
    return null;
  }
}

/** Whether a person of tier `have` may do what asks for `need`; nobody has no tier. */
export function reaches(have: Tier | null, need: Tier): boolean {
  return have !== null && TIERS.indexOf(have) >= TIERS.indexOf(need);
}

const current = shallowRef<Identity | null>(parseIdentity(texts.get(KEY)));

export const identity = readonly(current);

export async function joinAsGuest(name: string): Promise<void> {
  const request: JoinRequest = { name };
  take(await api.post<TokenAnswer>('/participants', request));
}

export async function rename(name: string): Promise<void> {
  const request: RenameRequest = { name };
  take(await api.patch<TokenAnswer>('/me', request, { token: current.value?.token }));
}

export function sendPhoneCode(phone: string): Promise<PhoneCodeAnswer> {
  const request: PhoneCodeRequest = { phone };
  return api.post<PhoneCodeAnswer>('/phone/codes', request);
}

/** A guest stays the same person and becomes verified. */
export async function verifyPhone(phone: string, code: string, name: string): Promise<void> {
  const request: PhoneVerifyRequest = { phone, code, name };
  take(await api.post<TokenAnswer>('/phone/verify', request, { token: current.value?.token }));
}

/** The server says who the token belongs to now (its `welcome`). */
export function confirmIdentity(participant: ParticipantFace): void {
  if (current.value) take({ token: current.value.token, participant });
}

/** Leaves this device without a person. What the person wrote stays where it is. */
export function forgetIdentity(): void {
  current.value = null;
  texts.remove(KEY);
}

function take(answer: TokenAnswer): void {
  current.value = { token: answer.token, participant: answer.participant };
  texts.set(KEY, JSON.stringify(current.value));
}

// Another tab of this browser signed in or out.
window.addEventListener('storage', (event) => {
  if (event.key === KEY) current.value = parseIdentity(event.newValue);
});
