import rateLimit from '@fastify/rate-limit';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Counted } from '../guard/known-senders.js';
import type { KnownRequest } from '../guard/rule.js';
import type { InBoth } from '../http/language.js';
import { ApiProblem } from '../http/problems/api-problem.js';
import type { Settings } from './settings.js';

const windowSeconds = 60;

/** The names of the quotas, as `RateLimit-Policy` has them. */
type QuotaName = 'address' | 'key' | 'agency';

/** A request as counted under one quota. */
interface Count {
  readonly name: QuotaName;
  readonly max: number;
  readonly remaining: number;
  readonly seconds: number;
  readonly isExceeded: boolean;
}

const exceeded = {
  address: {
    en: 'too many requests without a known key came from this address',
    zh: '该地址未经验证的请求过多',
  },
  key: { en: 'too many requests came with this key', zh: '该密钥的请求过多' },
  agency: {
    en: 'too many requests came with the keys of this agency',
    zh: '该机构各密钥的请求合计过多',
  },
} as const satisfies Readonly<Record<QuotaName, InBoth>>;

/**
 * Counts every request by its sender, also one to an unknown path or with a wrong method, before
 * anything else is done for it. Answers say what is left (`RateLimit`, `RateLimit-Policy` of
 * draft-ietf-httpapi-ratelimit-headers); a request beyond it is refused with 429.
 */
export async function countArrivals(
  adapter: FastifyAdapter,
  settings: Pick<Settings, 'rateLimit' | 'agencyRateLimit'>,
): Promise<void> {
  const fastify = adapter.getInstance();
  await fastify.register(rateLimit, { global: false });
  // Each has counters of its own: made-up addresses push no key out.
  const quota = (name: QuotaName, max: number): ((request: KnownRequest) => Promise<Count>) => {
    const count = fastify.createRateLimit({
      max,
      timeWindow: windowSeconds * 1_000,
      keyGenerator: ({ counted }: KnownRequest) => counted?.[name] ?? '',
    });
    return async (request) => {
      const found = await count(request);
      // Allowed by a list of names, and there is none.
      if (found.isAllowed) throw new TypeError(`the quota "${name}" was not counted`);
      const { remaining, ttlInSeconds: seconds, isExceeded } = found;
      return { name, max, remaining, seconds, isExceeded };
    };
  };
  const quotas = {
    address: quota('address', settings.rateLimit),
    key: quota('key', settings.rateLimit),
    agency: quota('agency', settings.agencyRateLimit),
  } as const;
  fastify.addHook('onRequest', async (request: KnownRequest, reply) => {
    const { counted } = request;
    if (counted === undefined) throw new TypeError('a request has no sender to be counted for');
    const counts = await Promise.all(namesOf(counted).map((name) => quotas[name](request)));
    void reply.header(
      'ratelimit-policy',
      listOf(counts, ({ max }) => `q=${max};w=${windowSeconds}`),
    );
    void reply.header(
      'ratelimit',
      listOf(counts, ({ remaining, seconds }) => `r=${remaining};t=${seconds}`),
    );
    const over = counts.find(({ isExceeded }) => isExceeded);
    if (over !== undefined)
      throw new ApiProblem('too_many_requests', exceeded[over.name], { retryAfter: over.seconds });
  });
}

function namesOf({ key, agency }: Counted): readonly QuotaName[] {
  if (key === undefined) return ['address'];
  return agency === undefined ? ['key'] : ['key', 'agency'];
}

/** A list of RFC 9651: the name of each quota, with parameters. */
function listOf(counts: readonly Count[], parameters: (count: Count) => string): string {
  return counts.map((count) => `"${count.name}";${parameters(count)}`).join(', ');
}
