import {
  readQuery,
  type Answer,
  type QueryError,
  type QueryName,
} from '@penalty-ledger/application';
import { parseInstant, type Instant } from '@penalty-ledger/ledger';
import { hash } from 'node:crypto';
import { assertOwn, principalOf } from '../guard/access-guard.js';
import type { KnownRequest } from '../guard/rule.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { InBoth } from '../http/language.js';
import { variesBy } from '../http/varying.js';
import type { FastifyReply } from '../http/http-types.js';
import type { ServedLedger } from '../served/served-ledger.js';

/** A request's own parameters: what its path and its query string say. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Those of the query string, and of the path; a name may be given once. */
export function parametersOf(request: KnownRequest): Parameters {
  return { ...(request.query as Parameters), ...(request.params as Parameters) };
}

/** @throws ApiProblem `invalid` for a parameter that the route does not have */
export function onlyParameters(given: Parameters, ...known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new ApiProblem('invalid', {
      en: `${unknown}: unknown parameter; there are ${known.join(', ')}`,
      zh: `${unknown}：没有该参数；可用参数：${known.join(', ')}`,
    });
}

/** @throws ApiProblem `invalid` */
export function instantIn(given: Parameters, name: string): Instant | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const instant = typeof text === 'string' ? parseInstant(text) : undefined;
  if (instant === undefined)
    throw new ApiProblem('invalid', {
      en: `${name}: give an RFC 3339 instant with an offset, "+" written as %2B`,
      zh: `${name}：须为带时区偏移的 RFC 3339 时间，“+”写作 %2B`,
    });
  return instant;
}

/** @throws ApiProblem `invalid` */
export function wholeIn(
  given: Parameters,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most))
    throw new ApiProblem('invalid', {
      en: `${name}: give an integer from ${least} to ${most}`,
      zh: `${name}：须为 ${least} 至 ${most} 的整数`,
    });
  return number;
}

/** A text of a form. @throws ApiProblem `invalid`, saying what to give */
export function textIn(
  given: Parameters,
  name: string,
  form: RegExp,
  wanted: InBoth,
): string | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || !form.test(text))
    throw new ApiProblem('invalid', {
      en: `${name}: give ${wanted.en}`,
      zh: `${name}：须为${wanted.zh}`,
    });
  return text;
}

/** One of some words. @throws ApiProblem `invalid` */
export function wordIn<Word extends string>(
  given: Parameters,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const word = words.find((each) => each === text);
  if (word === undefined) {
    const list = words.join(', ');
    throw new ApiProblem('invalid', {
      en: `${name}: give one of ${list}`,
      zh: `${name}：须为以下之一：${list}`,
    });
  }
  return word;
}

/** An id (interchange, first paragraph). @throws ApiProblem `invalid` */
export function idIn(given: Parameters, name: string): string | undefined {
  return textIn(given, name, /^[A-Za-z0-9._:-]{1,64}$/, {
    en: 'one id of 1 to 64 characters A-Z a-z 0-9 . _ : -',
    zh: '一个编号：1 至 64 个字符，限 A–Z a–z 0–9 . _ : -',
  });
}

/**
 * The agency a list is asked of; of the role `agency` its own, whatever is asked.
 *
 * @throws ApiProblem `invalid`, and `forbidden` for another agency's id
 */
export function agencyIn(given: Parameters, request: KnownRequest): string | undefined {
  const principal = principalOf(request);
  const agencyId = idIn(given, 'agencyId');
  if (agencyId === undefined) return principal.agencyId;
  assertOwn(principal, agencyId);
  return agencyId;
}

/** A position as the store writes it: numbers with a stroke between. @throws ApiProblem `invalid` */
export function positionIn(text: unknown, name: string): string | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || !/^\d{1,20}(?:\/\d{1,20})?$/.test(text))
    throw new ApiProblem('invalid', {
      en: `${name}: give a position as an answer named it`,
      zh: `${name}：须为查询结果中给出的位置`,
    });
  return text;
}

/** Waits for the position in `atLeast`, if one is given. */
export async function caughtUp(ledger: ServedLedger, { atLeast }: Parameters): Promise<void> {
  const position = positionIn(atLeast, 'atLeast');
  if (position !== undefined) await ledger.waitFor(position);
}

/** Answers a query of interchange §3 to whoever may see the answer. */
export async function answerQuery(
  ledger: ServedLedger,
  name: QueryName,
  { atLeast, ...fields }: Parameters,
  request: KnownRequest,
): Promise<Exclude<Answer, QueryError>> {
  const principal = principalOf(request);
  const read = readQuery({ ...fields, query: name });
  if (read.problems !== undefined) {
    const addressed = parametersOf(request);
    throw new ApiProblem('invalid', {
      ledger: read.problems.map((each) => asSent(each, addressed)).join('; '),
    });
  }
  const { query } = read;
  if ('agencyId' in query) assertOwn(principal, query.agencyId);
  await caughtUp(ledger, { atLeast });
  const answer = await ledger.ask(query);
  if ('error' in answer) throw new ApiProblem(answer.error);
  const owner = 'agencyId' in answer ? answer.agencyId : undefined;
  // What is another agency's does not exist for this one.
  if (principal.agencyId !== undefined && owner !== principal.agencyId)
    throw new ApiProblem(unknownOf(name));
  return answer;
}

/**
 * A problem of a query by the parameter's own name. In an address a "+" that was not written as %2B has become a space, and who sees an offset in what
 * they sent needs to hear that.
 */
function asSent(problem: string, addressed: Parameters): string {
  const named = problem.replace(/^query\./, '');
  const isAddressed = named.slice(0, named.indexOf(':')) in addressed;
  return isAddressed && named.includes('RFC 3339')
    ? `${named}; in an address "+" is written %2B`
    : named;
}

function unknownOf(
  name: QueryName,
): 'unknown_appeal' | 'unknown_complaint' | 'unknown_session' | 'forbidden' {
  return name === 'appeal' || name === 'complaint' || name === 'session'
    ? `unknown_${name}`
    : 'forbidden';
}

/**
 * Sends an answer with a strong `ETag`, or 304 when the request has it already. Of an agency it begins with the agency's revision, so that it can be
 * given back as `If-Match` of a command. An answer that names its K and E stays the same for as long as nothing is recorded before K.
 */
export function sendAnswer(
  answer: object,
  request: KnownRequest,
  reply: FastifyReply,
  revision?: number,
): Buffer | undefined {
  // Written once, for the hash and for the sender.
  const bytes = Buffer.from(JSON.stringify(answer));
  const digest = digestOf(bytes);
  if (isKnown(revision === undefined ? digest : `${revision}-${digest}`, request, reply))
    return undefined;
  void reply.type('application/json; charset=utf-8');
  return bytes;
}

/** As {@link sendAnswer}, of an answer that is a text of the media type. */
export function sendText(
  text: string,
  mediaType: string,
  request: KnownRequest,
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
function isKnown(name: string, request: KnownRequest, reply: FastifyReply): boolean {
  const etag = `"${name}"`;
  void reply.header('etag', etag).header('cache-control', 'private, no-cache');
  variesBy(reply, 'Authorization');
  const known = hasAlready(request, etag);
  if (known) void reply.status(304);
  return known;
}

/** Whether the request says that its sender has what an ETag stands for. */
export function hasAlready(request: KnownRequest, etag: string): boolean {
  const sent = request.headers['if-none-match'];
  return (
    sent !== undefined &&
    sent.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
  );
}
