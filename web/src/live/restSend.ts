/** What an outbox sends where there is no WebSocket: one request after the other, so that their order stays. */
import type { Ack, ErrorMessage, SessionId } from '@/wire/types';
import { api, toApiError, type FailureCode } from './api';
import type { OutgoingMessage } from './outbox';

export interface RestAnswers {
  acked: (ack: Ack) => void;
  refused: (error: Pick<ErrorMessage, 'ref' | 'params' | 'retry_after_ms'> & { code: FailureCode }) => void;
}

/** A `send` for the outbox over HTTP. It always takes the message; what becomes of it comes as an answer. */
export function restSender(session_id: SessionId, token: () => string | null, answers: RestAnswers): (message: OutgoingMessage) => boolean {
  let last: Promise<void> = Promise.resolve();
  const deliver = async (message: OutgoingMessage): Promise<void> => {
    try {
      answers.acked(await post(session_id, message, token()));
    } catch (thrown) {
      const { code, params, retry_after_ms } = toApiError(thrown);
      answers.refused({ ref: message.ref, code, params, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) });
    }
  };
  return (message) => {
    last = last.then(() => deliver(message));
    return true;
  };
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
