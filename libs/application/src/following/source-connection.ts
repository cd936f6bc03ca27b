import { shown } from '../printable.js';
import { Agent as PlainAgent, request as requestPlain, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import {
  checkOf,
  closed,
  inEach,
  nullable,
  placed,
  sameInBoth,
  SpokenError,
  type InBoth,
  type Shape,
} from '@penalty-ledger/ledger';
import { parseVerifierKey } from '@penalty-ledger/merkle-log';
import type { KeptCheckpoint } from '@penalty-ledger/sequencer';
import { Type } from '@sinclair/typebox';
import { assertConfirmed, type Fenced, type FenceOrder } from './fence-confirmation.js';
import type { PromotionProof } from './promotion-proof.js';
import { maxPageAnswerBytes, readRecordPage, type RecordPage } from './record-page.js';
import { SourceAwayError, SourceForbidsError, SourceRefusedError } from './source-errors.js';
import { systemCode, systemReason } from '../system-error.js';

/** A URL of a service that cannot be used. */
export class SourceUrlError extends SpokenError {
  readonly code = 'source_url';
}

/** The way to a running service. */
export interface SourceAddress {
  /** `https://…`; `http://` only on this machine. */
  readonly url: string;
  /** Left out where none is needed. */
  readonly token?: string | undefined;
  /** The certificates of the authority that signed the service's, in PEM. */
  readonly ca?: string | undefined;
}

/** A request for the next page. */
export interface NextRecords {
  /** The position of the last event that is durable in the copy. */
  readonly after: number;
  readonly waitSeconds: number;
  /** The name of the copy among its source's followers. */
  readonly follower: string;
  /** The `lease` of the page before. */
  readonly lease: string | undefined;
}

/** Keys as a service shares them with a copy. */
export type SealingKeys = Shape<typeof SealingKeysSchema>;
export const SealingKeysSchema = closed(
  {
    signingKey: Type.Optional(Type.String({ maxLength: 1_000, description: 'PKCS #8, in PEM' })),
    subjects: Type.Array(
      closed({
        subject: Type.String({ maxLength: 100 }),
        key: nullable(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }), 'null: destroyed'),
      }),
    ),
  },
  { $id: 'SealingKeys' },
);

const checkSealingKeys = checkOf(SealingKeysSchema, 'answer');

/** Between two texts of an answer; a service that is silent for longer is away. */
const idleTimeoutMs = 30_000;

/** From the request to the end of the answer, beside the time for which the service may wait. */
const answerTimeoutMs = 60_000;

/** The limit of an answer that is not a page of records. */
const maxTextBytes = 2 << 20;

/** Checkpoints asked for at once. */
export const checkpointsAtOnce = 500;

/** Asks a running service for what it holds. It trusts nothing that comes back. */
export class SourceConnection {
  /** As given, without a stroke at the end: for messages. */
  readonly url: string;
  readonly #address: SourceAddress;
  readonly #agent: PlainAgent;

  /** @throws SourceUrlError */
  constructor(address: SourceAddress) {
    this.url = sourceUrlOf(address.url);
    this.#address = address;
    const options = { keepAlive: true, maxSockets: 2 };
    this.#agent = this.url.startsWith('https:')
      ? new TlsAgent({ ...options, ...(address.ca !== undefined && { ca: address.ca }) })
      : new PlainAgent(options);
  }

  /** The key that verifies what the ledger signs. */
  async verifierKey(signal?: AbortSignal): Promise<string> {
    const key = (await this.#text('GET', '/verifier-key', { signal })).trimEnd();
    try {
      parseVerifierKey(key);
      return key;
    } catch (error) {
      throw new SourceRefusedError(
        { en: `${shown(key)} is not a verifier key`, zh: `${shown(key)} 不是验证密钥` },
        undefined,
        { cause: error },
      );
    }
  }

  /** The events behind a position; waits for some while there are none. */
  async records(
    { after, waitSeconds, follower, lease }: NextRecords,
    signal?: AbortSignal,
  ): Promise<RecordPage> {
    const query = new URLSearchParams({
      after: String(after),
      waitSeconds: String(waitSeconds),
      follower,
      ...(lease !== undefined && { lease }),
    });
    const bytes = await this.#ask('GET', `/events/records?${query.toString()}`, {
      limit: maxPageAnswerBytes,
      timeoutMs: waitSeconds * 1_000 + answerTimeoutMs,
      idleMs: waitSeconds * 1_000 + idleTimeoutMs,
      signal,
    });
    return readRecordPage(bytes);
  }

  /** The checkpoints of larger trees than one of `after` events, smallest first. */
  async checkpoints(after: number, signal?: AbortSignal): Promise<readonly KeptCheckpoint[]> {
    const path = `/checkpoints?after=${after}&limit=${checkpointsAtOnce}`;
    const value = parsed(await this.#text('GET', path, { signal }));
    const isList = Array.isArray(value) && value.length <= checkpointsAtOnce;
    if (!isList || !value.every(isCheckpoint))
      throw new SourceRefusedError({
        en: 'its list of checkpoints has another form',
        zh: '其检查点列表格式不符',
      });
    return value.map(({ size, note }) => ({ size, note }));
  }

  /** The keys of subjects, and the signing key. Needs an administrator's token. */
  async sealingKeys(subjects: readonly string[]): Promise<SealingKeys> {
    const body = JSON.stringify({ subjects });
    const value = parsed(await this.#text('POST', '/sealing-keys', { body }));
    const [problem] = checkSealingKeys(value);
    if (problem !== undefined)
      throw new SourceRefusedError({ en: `its keys: ${problem.en}`, zh: `其密钥：${problem.zh}` });
    return value as SealingKeys;
  }

  /**
   * Tells the service that another machine takes over. Needs an administrator's token.
   *
   * @param verifierKey of the ledger, which signs the answer
   */
  async fence(order: FenceOrder, verifierKey: string): Promise<Fenced> {
    const value = parsed(await this.#text('POST', '/fence', { body: JSON.stringify(order) }));
    const { term, position, confirmation } = (value ?? {}) as Partial<Fenced>;
    if (
      term !== order.term ||
      typeof position !== 'string' ||
      !/^(?:0|[1-9][0-9]{0,14})$/.test(position) ||
      typeof confirmation !== 'string'
    )
      throw new SourceRefusedError({
        en: 'its answer to the fence has another form',
        zh: '其对隔离的答复格式不符',
      });
    const fenced = { term, position, confirmation };
    assertConfirmed(order, fenced, verifierKey);
    return fenced;
  }

  /** Shows the service the proof of a promotion, upon which it fences itself. */
  async showPromotion(proof: PromotionProof, writer: string | undefined): Promise<void> {
    const body = JSON.stringify({ ...proof, ...(writer !== undefined && { writer }) });
    await this.#text('POST', '/fence/promotion', { body });
  }

  /** The proof that the service took over; `undefined` when it never did. */
  async promotion(): Promise<PromotionProof | undefined> {
    let text: string;
    try {
      text = await this.#text('GET', '/promotion', {});
    } catch (error) {
      if (error instanceof SourceRefusedError && error.status === 404) return undefined;
      throw error;
    }
    const { event, receipt } = (parsed(text) ?? {}) as Partial<PromotionProof>;
    if (typeof event !== 'string' || typeof receipt !== 'string')
      throw new SourceRefusedError({
        en: 'its proof of a promotion has another form',
        zh: '其提升证明格式不符',
      });
    return { event, receipt };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #text(
    method: 'GET' | 'POST',
    path: string,
    { body, signal }: { readonly body?: string; readonly signal?: AbortSignal | undefined },
  ): Promise<string> {
    const bytes = await this.#ask(method, path, {
      body,
      limit: maxTextBytes,
      timeoutMs: answerTimeoutMs,
      idleMs: idleTimeoutMs,
      signal,
    });
    return bytes.toString('utf8');
  }

  /**
   * @throws SourceAwayError, SourceForbidsError, SourceRefusedError; the reason of the signal once
   *   that is aborted
   */
  async #ask(method: string, path: string, asked: Asked): Promise<Buffer> {
    const { body, timeoutMs, idleMs, limit, signal } = asked;
    const { token } = this.#address;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const isTls = this.url.startsWith('https:');
        const sending = (isTls ? requestTls : requestPlain)(`${this.url}${path}`, {
          method,
          agent: this.#agent,
          signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
          timeout: idleMs,
          headers: {
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            'user-agent': 'penalty-ledger-follower',
          },
        });
        sending.on('timeout', () => sending.destroy(new Error(`silent for ${idleMs / 1_000} s`)));
        sending.on('response', resolve).on('error', reject);
        sending.end(body);
      });
      const bytes = await readUpTo(answer, limit);
      assertAnswered(answer, bytes);
      return bytes;
    } catch (error) {
      signal?.throwIfAborted();
      if (isOurs(error)) throw error;
      const reason: InBoth = timeout.aborted
        ? { en: `no answer in ${timeoutMs / 1_000} s`, zh: `${timeoutMs / 1_000} 秒内没有答复` }
        : reasonOf(error);
      throw new SourceAwayError(placed(this.url, reason), 0, { cause: error });
    }
  }
}

interface Asked {
  readonly body?: string | undefined;
  /** The limit of the answer, in bytes. */
  readonly limit: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly signal: AbortSignal | undefined;
}

const isOurs = (error: unknown): boolean =>
  error instanceof SourceAwayError ||
  error instanceof SourceForbidsError ||
  error instanceof SourceRefusedError;

async function readUpTo(answer: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) {
      answer.destroy();
      throw new SourceRefusedError({
        en: `an answer is longer than ${limit} bytes`,
        zh: `有一个答复超过 ${limit} 字节`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function assertAnswered({ statusCode = 0, headers }: IncomingMessage, bytes: Buffer): void {
  if (statusCode === 200) return;
  const detail = detailIn(bytes);
  if (statusCode === 401 || statusCode === 403)
    throw new SourceForbidsError(statusCode, {
      en: `the source says ${shown(detail, 300)}`,
      zh: `源的答复：${shown(detail, 300)}`,
    });
  const said = `HTTP ${statusCode}${detail === '' ? '' : `, ${shown(detail, 300)}`}`;
  if (statusCode === 429 || statusCode >= 500) {
    const seconds = /^\d{1,4}$/.test(headers['retry-after'] ?? '') ? headers['retry-after'] : '0';
    throw new SourceAwayError(sameInBoth(said), Number(seconds) * 1_000);
  }
  throw new SourceRefusedError(
    { en: `it answers ${said}`, zh: `它答复 ${said}` },
    {
      en: 'check that the URL is that of a ledger service of this release, without redirects',
      zh: '请检查该 URL 是否为此版本账本服务的地址，且没有重定向',
    },
    { status: statusCode },
  );
}

/** The detail of a problem document; empty where there is none. */
function detailIn(bytes: Buffer): string {
  try {
    const { detail, title } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    return [detail, title].find((text): text is string => typeof text === 'string') ?? '';
  } catch {
    return '';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new SourceRefusedError(
      { en: 'an answer is not JSON', zh: '有一个答复不是 JSON' },
      undefined,
      { cause: error },
    );
  }
}

function isCheckpoint(value: unknown): value is KeptCheckpoint {
  const { size, note } = (value ?? {}) as Partial<KeptCheckpoint>;
  return Number.isSafeInteger(size) && typeof note === 'string' && note.length <= 4_096;
}

function reasonOf(error: unknown): InBoth {
  if (!(error instanceof Error)) return sameInBoth(String(error));
  const reason = systemReason(error);
  const name = systemCode(error) ?? error.name;
  return inEach(reason, (half) => shown(half === '' ? name : half, 300).slice(1, -1));
}

/**
 * Reads the URL of a service.
 *
 * @throws SourceUrlError when the token would travel in clear, or the URL has more than a path
 */
export function sourceUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wanted = 'give https://HOST:PORT, or http://127.0.0.1:PORT on this machine';
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new SourceUrlError({
      en: `${shown(text)} is not the URL of a service: ${wanted}`,
      zh: `${shown(text)} 不是服务的 URL：${wanted}`,
    });
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new SourceUrlError({
      en:
        'the URL of a service has no user, password, query or fragment: ' +
        'the token comes from a file',
      zh: '服务的 URL 不含用户、口令、查询或片段：令牌来自文件',
    });
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new SourceUrlError({
      en: `${shown(text)} would send the token in clear: ${wanted}`,
      zh: `${shown(text)} 会以明文发送令牌：${wanted}`,
    });
  let end = url.href.length;
  while (url.href[end - 1] === '/') end -= 1;
  return url.href.slice(0, end);
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
