/** What an outbox sends where there is no WebSocket. */
import type { Ack, ErrorMessage, SessionId } from '@/wire/types';
import { api, toApiError, type FailureCode } from './api';
import type { OutgoingMessage } from './outbox';

export interface RestAnswers {
  acked: (ack: Ack) => void;
  refused: (error: Pick<ErrorMessage, 'ref' | 'params' | 'retry_after_ms'> & { code: FailureCode }) => void;
}

/** Sends one message; what becomes of it comes as an answer. */
export async function deliver(session_id: SessionId, message: OutgoingMessage, token: string | null, answers: RestAnswers): Promise<void> {
  try {
    answers.acked(await post(session_id, message, token));
  } catch (thrown) {
    const { code, params, retry_after_ms } = toApiError(thrown);
    answers.refused({ ref: message.ref, code, params, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) });
  }
}

function post(session_id: SessionId, message: OutgoingMessage, token: string | null): Promise<Ack> {
  const base = `/sessions/${session_id}`;
  switch (message.type) {
    case 'comment': {
      const { ref, body } = message;
      return api.post<Ack>(`${base}/comments`, { ref, body }, { token });
    }
    case 'question': {
      const { ref, body, topic, department_id, place } = message;
      return api.post<Ack>(`${base}/questions`, { ref, body, topic, department_id, place }, { token });
    }
    case 'support': {
      const path = `${base}/questions/${message.question_id}/support`;
      const options = { token, query: { ref: message.ref } };
      return message.on ? api.put<Ack>(path, undefined, options) : api.delete<Ack>(path, undefined, options);
    }
    case 'withdraw':
      return api.delete<Ack>(`${base}/posts/${message.kind}/${message.id}`, undefined, { token, query: { ref: message.ref } });
  }
}
