import { EngineFailure } from '../failures.js';
import { numberOf, positionOf, uuidOfHalves } from './messages.js';
import type { WireRecord } from '../wire-event.js';

/** The content of one reply of a read or a subscription, as far as it is used here. */
export type ReadReply = WireRecord | 'confirmed' | 'not found' | 'something else';

/**
 * Reads a `ReadResp` of the protocol (event_store.client.streams) straight into a record. The
 * client's generated code makes dozens of objects of each, the largest cost of reading a log.
 * Numbers are those of the fields in the protocol's description; an unknown field is passed over.
 *
 * @throws EngineFailure when the bytes are not a message
 */
export function readReplyOf(bytes: Buffer): ReadReply {
  const reply = new Fields(bytes, 0, bytes.length);
  while (reply.next()) {
    if (reply.number === 2) return 'confirmed';
    if (reply.number === 4) return 'not found';
    if (reply.number !== 1) continue;
    // A link beside the record is not asked for.
    const event = reply.message;
    while (event.next()) if (event.number === 1) return recordOf(event.message);
  }
  return 'something else';
}

function recordOf(recorded: Fields): WireRecord {
  let [stream, id, type, contentType, data, metadata] = ['', '', '', '', '', ''];
  let revision: number | bigint = 0;
  let prepare: number | bigint = 0;
  let commit: number | bigint = 0;
  while (recorded.next()) {
    switch (recorded.number) {
      case 1:
        id = uuidIn(recorded.message);
        break;
      case 2:
        stream = textIn(recorded.message, 3);
        break;
      case 3:
        revision = recorded.varint;
        break;
      case 4:
        prepare = recorded.varint;
        break;
      case 5:
        commit = recorded.varint;
        break;
      case 6: {
        const key = textIn(recorded.message, 1);
        if (key === 'type') type = textIn(recorded.message, 2);
        else if (key === 'content-type') contentType = textIn(recorded.message, 2);
        break;
      }
      case 7:
        metadata = recorded.text;
        break;
      case 8:
        data = recorded.text;
        break;
      default:
        break;
    }
  }
  return {
    stream,
    revision: numberOf(revision),
    id,
    type,
    data: contentType === 'application/json' ? data : undefined,
    metadata,
    position: positionOf(commit, prepare),
  };
}

/** As text, which is asked for, or as two numbers. */
function uuidIn(uuid: Fields): string {
  let text = '';
  while (uuid.next()) {
    if (uuid.number === 2) text = uuid.text;
    if (uuid.number !== 1) continue;
    const halves: [number | bigint, number | bigint] = [0, 0];
    const bits = uuid.message;
    while (bits.next()) halves[bits.number === 1 ? 0 : 1] = bits.varint;
    text = uuidOfHalves(...halves);
  }
  return text;
}

function textIn(message: Fields, number: number): string {
  let text = '';
  while (message.next()) if (message.number === number) text = message.text;
  return text;
}

/** The fields of one message in the order of writing (protobuf.dev/programming-guides/encoding). */
class Fields {
  /** The number of the current field. */
  number = 0;
  /** The exact value of a numeric field; a bigint when it is large. */
  varint: number | bigint = 0;
  #from = 0;
  #to = 0;
  #at: number;

  constructor(
    readonly bytes: Buffer,
    from: number,
    readonly end: number,
  ) {
    this.#at = from;
  }

  /** Goes to the next field; false when there is none. */
  next(): boolean {
    if (this.#at >= this.end) return false;
    const tag = Number(this.#read());
    this.number = tag >>> 3;
    this.#from = this.#to = this.#at;
    switch (tag & 7) {
      case 0:
        this.varint = this.#read();
        break;
      case 1:
        this.#at += 8;
        break;
      case 2: {
        const length = Number(this.#read());
        this.#from = this.#at;
        this.#to = this.#at += length;
        break;
      }
      case 5:
        this.#at += 4;
        break;
      default:
        throw noMessage();
    }
    if (this.#at > this.end) throw noMessage();
    return true;
  }

  get message(): Fields {
    return new Fields(this.bytes, this.#from, this.#to);
  }

  get text(): string {
    return this.bytes.toString('utf8', this.#from, this.#to);
  }

  #read(): number | bigint {
    let value = 0;
    // Seven bits a byte, the least first; up to 49 of them a number holds exactly.
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    let large = BigInt(value);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      large += BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, large);
    }
    throw noMessage();
  }

  #byte(): number {
    const byte = this.bytes[this.#at];
    if (byte === undefined || this.#at >= this.end) throw noMessage();
    this.#at += 1;
    return byte;
  }
}

function noMessage(): EngineFailure {
  return new EngineFailure('unknown', {
    en: 'the engine’s reply to a read is not a message of the protocol',
    zh: '存储引擎对读取的应答不是协议中的消息',
  });
}
