/**
 * Just enough of RFC 6455 for a server whose other end is a browser: whole text frames out, small masked frames in. The
 * tests need no package for it, and the page gets a real socket.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A frame as a server sends it: whole and not masked. */
export function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

export const textFrame = (text: string): Buffer => frameOf(TEXT, Buffer.from(text));

export class Socket {
  readonly #stream: Duplex;
  #rest: Buffer = Buffer.alloc(0);
  readonly #onText: (text: string) => void;

  /** Answers an `upgrade` of an HTTP server. */
  constructor(request: IncomingMessage, stream: Duplex, onText: (text: string) => void, onEnd: () => void) {
    this.#stream = stream;
    this.#onText = onText;
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    stream.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    stream.on('data', (part: Buffer) => this.#read(part));
    stream.on('error', () => stream.destroy());
    stream.on('close', onEnd);
  }

  /** Frames of `textFrame`, so that one encoding serves all. */
  send(frames: Buffer): void {
    if (this.#stream.writable) this.#stream.write(frames);
  }

  /** Ends without a word, as a phone that moved does. */
  drop(): void {
    this.#stream.destroy();
  }

  #read(part: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, part]);
    for (;;) {
      const rest = this.#rest;
      if (rest.length < 2) return;
      let length = (rest[1] as number) & 0x7f;
      let at = 2;
      if (length === 126) {
        if (rest.length < 4) return;
        length = rest.readUInt16BE(2);
        at = 4;
      }
      if (rest.length < at + 4 + length) return;
      const mask = rest.subarray(at, at + 4);
      const payload = Buffer.from(rest.subarray(at + 4, at + 4 + length)).map((byte, n) => byte ^ (mask[n % 4] as number));
      this.#rest = rest.subarray(at + 4 + length);
      const opcode = (rest[0] as number) & 0x0f;
      if (opcode === TEXT) this.#onText(Buffer.from(payload).toString());
      else if (opcode === PING) this.send(frameOf(PONG, Buffer.from(payload)));
      else if (opcode === CLOSE) {
        this.send(frameOf(CLOSE, Buffer.from(payload)));
        this.#stream.end();
        return;
      }
    }
  }
}
