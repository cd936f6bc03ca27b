import fc from 'fast-check';
// The protocol reader is not exported; here it is compared with the client's generated code.
import { readReplyOf } from '../../libs/event-store/src/eventstoredb/client/read-reply.js';
import { shared, streams } from '../support/eventstoredb/protocol.js';

const { ReadResp } = streams;
const { RecordedEvent } = ReadResp.ReadEvent;

const unsigned = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 127n, 2n ** 49n, 2n ** 53n),
);
const text = fc.string({ unit: 'grapheme', maxLength: 40 });

const recorded = fc.record({
  id: fc.uuid(),
  isIdStructured: fc.boolean(),
  stream: text,
  revision: unsigned,
  prepare: unsigned,
  commit: unsigned,
  type: text,
  contentType: fc.constantFrom('application/json', 'application/octet-stream'),
  others: fc.dictionary(text, text, { maxKeys: 3 }),
  metadata: text,
  data: text,
  hasLink: fc.boolean(),
});

type Recorded = typeof recorded extends fc.Arbitrary<infer Value> ? Value : never;

function messageOf(record: Recorded): streams.ReadResp.ReadEvent.RecordedEvent {
  const message = new RecordedEvent()
    .setId(record.isIdStructured ? structured(record.id) : new shared.UUID().setString(record.id))
    .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(record.stream)))
    .setStreamRevision(String(record.revision))
    .setPreparePosition(String(record.prepare))
    .setCommitPosition(String(record.commit))
    .setCustomMetadata(Buffer.from(record.metadata))
    .setData(Buffer.from(record.data));
  const metadata = message.getMetadataMap();
  for (const [key, value] of Object.entries(record.others)) metadata.set(key, value);
  metadata.set('type', record.type).set('content-type', record.contentType);
  return message;
}

function structured(uuid: string): shared.UUID {
  const hex = uuid.replaceAll('-', '');
  const [high, low] = [hex.slice(0, 16), hex.slice(16)].map((half) =>
    String(BigInt.asIntN(64, BigInt(`0x${half}`))),
  );
  const bits = new shared.UUID.Structured()
    .setMostSignificantBits(high!)
    .setLeastSignificantBits(low!);
  return new shared.UUID().setStructured(bits);
}

function replyOf(record: Recorded): Buffer {
  const event = new ReadResp.ReadEvent()
    .setEvent(messageOf(record))
    .setCommitPosition(String(record.commit));
  if (record.hasLink) event.setLink(messageOf({ ...record, stream: 'link', data: 'link' }));
  return Buffer.from(new ReadResp().setEvent(event).serializeBinary());
}

describe('a reply to a read', () => {
  it('is read as the client’s own code wrote it', () => {
    fc.assert(
      fc.property(recorded, (record) => {
        expect(readReplyOf(replyOf(record))).toEqual({
          stream: record.stream,
          revision: Number(record.revision > 2n ** 53n - 1n ? 2n ** 53n - 1n : record.revision),
          id: record.id,
          type: record.type,
          data: record.contentType === 'application/json' ? record.data : undefined,
          metadata: record.metadata,
          position: `${record.commit}/${record.prepare}`,
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('that is cut short or altered is a reply or an error of ours, and never hangs', () => {
    fc.assert(
      fc.property(
        recorded,
        fc.nat(),
        fc.nat({ max: 255 }),
        fc.nat(),
        (record, at, byte, length) => {
          const bytes = replyOf(record);
          bytes[at % bytes.length] = byte;
          const cut = bytes.subarray(0, length % (bytes.length + 1));
          try {
            readReplyOf(cut);
          } catch (error) {
            expect(error).toMatchObject({ name: 'EngineFailure', kind: 'unknown' });
          }
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each<[string, Buffer]>([
    ['a tag without a value', Buffer.from([0x08])],
    ['a length beyond its end', Buffer.from([0x0a, 0x05, 0x00])],
    ['a number that never ends', Buffer.alloc(12, 0xff)],
    ['a group, an obsolete wire type', Buffer.from([0x0b])],
  ])('is refused with %s', (_case, bytes) => {
    expect(() => readReplyOf(bytes)).toThrow('is not a message of the protocol');
  });

  it.each<[string, streams.ReadResp]>([
    [
      'confirmed',
      new ReadResp().setConfirmation(
        new ReadResp.SubscriptionConfirmation().setSubscriptionId('s'),
      ),
    ],
    ['not found', new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound())],
    [
      'something else',
      new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition('9')),
    ],
    ['something else', new ReadResp().setCaughtUp(new ReadResp.CaughtUp())],
    ['something else', new ReadResp().setLastStreamPosition('18446744073709551615')],
    ['something else', new ReadResp()],
  ])('says %s', (said, message) => {
    expect(readReplyOf(Buffer.from(message.serializeBinary()))).toBe(said);
  });
});
