import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from './http-types.js';
import { variesBy } from './varying.js';

/**
 * Sends an answer with a strong `ETag`, or 304 when the request has it already. The `ETag` of an
 * agency begins with its revision, so that it can be given back as `If-Match` of a command. An
 * answer that names its K and E stays the same for as long as nothing is recorded before K.
 */
export function sendAnswer(
  answer: object,
  request: FastifyRequest,
  reply: FastifyReply,
  revision?: number,
): Buffer | undefined {
  // Written once, for the hash and for the sender.
  const bytes = Buffer.from(reply.serialize(answer) as string);
  const digest = digestOf(bytes);
  if (isKnown(revision === undefined ? digest : `${revision}-${digest}`, request, reply))
    return undefined;
  void reply.type('application/json; charset=utf-8');
  return bytes;
}

/** Sends a text of a media type as {@link sendAnswer} sends an answer. */
export function sendText(
  text: string,
  mediaType: string,
  request: FastifyRequest,
  reply: FastifyReply,
): string | undefined {
  if (isKnown(digestOf(`${mediaType}\n${text}`), request, reply)) return undefined;
  void reply.header('content-type', mediaType);
  return text;
}

function digestOf(content: string | Buffer): string {
  return hash('sha256', content).slice(0, 24);
}

/** Names the answer in its headers; when the request has it, the status says so too. */
function isKnown(name: string, request: FastifyRequest, reply: FastifyReply): boolean {
  const etag = `"${name}"`;
  void reply.header('etag', etag).header('cache-control', 'private, no-cache');
  variesBy(reply, 'Authorization');
  const known = hasAlready(request, etag);
  if (known) void reply.status(304);
  return known;
}

/** Says whether the request's sender has what an ETag stands for. */
export function hasAlready(request: FastifyRequest, etag: string): boolean {
  const sent = request.headers['if-none-match'];
  return (
    sent !== undefined &&
    sent.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
  );
}
