import type { Clock } from '@penalty-ledger/application';
import { parseInstant, type Instant } from '@penalty-ledger/ledger';
import { readSettings, serve, type Serving } from '@penalty-ledger/api';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';

/** An answer. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The parts of a request beside its method and path. */
export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A token; the officer's, who is reviewer and auditor too, unless given. */
  readonly as?: string;
}

/** A service over a folder, on a port of its own, with one key for each role. */
export class TestService {
  /** By role; `staff` is officer and reviewer. */
  readonly tokens: Record<string, string> = {};

  private constructor(
    /** The URL of its store, for what is run beside it. */
    readonly store: string,
    readonly serving: Serving,
    readonly clock: Clock & { at: Instant },
  ) {}

  static async start(
    folder: string,
    at = '2026-02-10T10:00:00+08:00',
    more: Record<string, string> = {},
  ): Promise<TestService> {
    const clock = { at: parseInstant(at)!, now: () => clock.at };
    const store = `sqlite:${join(folder, 'ledger.db')}`;
    const settings = readSettings({
      LEDGER_STORE: store,
      LEDGER_PORT: '0',
      LEDGER_LOG_LEVEL: 'silent',
      ...more,
    });
    const service = new TestService(store, await serve(settings, clock), clock);
    const { firstToken } = service.serving;
    if (firstToken !== undefined) {
      service.tokens['administrator'] = firstToken;
      for (const role of ['ingest', 'officer', 'reviewer', 'auditor'])
        service.tokens[role] = await service.issue([role]);
      service.tokens['staff'] = await service.issue(['officer', 'reviewer', 'auditor']);
    }
    return service;
  }

  /** Issues a key by the first administrator's, to the holder `h` unless another is given. */
  async issue(
    roles: readonly string[],
    agencyId?: string,
    more: { readonly holder?: string; readonly mayGrant?: readonly string[] } = {},
  ): Promise<string> {
    const { body } = await this.ask('POST', '/keys', {
      body: {
        label: roles.join(' '),
        holder: 'h',
        roles,
        ...(agencyId !== undefined && { agencyId }),
        ...more,
      },
      as: this.tokens['administrator']!,
    });
    return body['token'] as string;
  }

  async ask(
    method: string,
    path: string,
    { body, headers = {}, as = this.tokens['staff'] }: Asked = {},
  ): Promise<Answered> {
    const response = await fetch(`${this.serving.url}${path}`, {
      method,
      headers: {
        ...(as !== undefined && as !== '' && { authorization: `Bearer ${as}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson =
      method !== 'HEAD' &&
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/ndjson/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  get(path: string, asked: Asked = {}): Promise<Answered> {
    return this.ask('GET', path, asked);
  }

  command(name: string, body: object, asked: Asked = {}): Promise<Answered> {
    return this.ask('POST', `/commands/${name}`, { ...asked, body });
  }

  /** Sends commands in order; each must be accepted. */
  async given(...commands: readonly (readonly [name: string, data: object])[]): Promise<void> {
    for (const [name, data] of commands) {
      const as = name.startsWith('Publish') ? this.tokens['administrator']! : this.tokens['staff']!;
      const { status, text } = await this.command(name, data, { as });
      if (status !== 201) throw new Error(`${name}: ${status} ${text}`);
    }
  }
}

/** A service for a test file: there before its first test, closed and removed after its last. */
export function testService(
  at?: string,
  more?: Record<string, string>,
): { readonly current: TestService } {
  let started: TestService | undefined;
  // Hooks run in the order they are declared, and a service is closed before its folder goes.
  afterAll(() => started?.serving.close());
  const folder = temporaryFolder();
  beforeAll(async () => {
    started = await TestService.start(folder, at, more);
  });
  return {
    get current() {
      return started!;
    },
  };
}
