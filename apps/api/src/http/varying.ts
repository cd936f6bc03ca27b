import type { FastifyReply, FastifyRequest } from './http-types.js';
import { languageOf, type Language } from './language.js';

/** Adds a header of the request to those the answer depends on (RFC 9110 §12.5.5). */
export function variesBy(reply: FastifyReply, header: 'Accept-Language' | 'Authorization'): void {
  const said = String(reply.getHeader('vary') ?? '');
  const names = said === '' ? [] : said.split(', ');
  if (!names.includes(header)) void reply.header('vary', [...names, header].join(', '));
}

/** The language to answer a request in; the answer says that it depends on it. */
export function languageFor({ headers }: FastifyRequest, reply: FastifyReply): Language {
  variesBy(reply, 'Accept-Language');
  return languageOf(headers['accept-language']);
}
