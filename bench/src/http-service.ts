import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { newAdapter, readSettings, serve } from '@penalty-ledger/api';
import { instantOf } from '@penalty-ledger/ledger';
import { Controller, Get, HttpCode, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { now } from './sample.js';

/** The message of the process once it listens. */
export interface Listening {
  readonly url: string;
  /** The first administrator's key; empty when the service needs none. */
  readonly token: string;
}

/** The message of a process that cannot serve, before it ends. */
export interface Failure {
  readonly failure: string;
}

/** The resources the process has used so far, measured after garbage collection. */
export interface Usage {
  readonly memory: NodeJS.MemoryUsage;
  readonly processor: NodeJS.CpuUsage;
  /** The largest resident set so far. */
  readonly peakBytes: number;
}

/** Routes of the same form that do nothing. */
@Controller()
class BareController {
  @Post('commands/:command')
  @HttpCode(201)
  take(): object {
    return { status: 'accepted' };
  }

  @Get('agencies/:agencyId/balance')
  answer(@Param('agencyId') agencyId: string): object {
    return { agencyId };
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

// A separate process: `http-service.js ledger RATE FOLDER [URL]` serves a new, durable ledger, in a
// file or on an engine, with RATE requests a minute as quotas;
// `http-service.js bare` serves an empty Nest application. It talks with its parent only, and ends
// with it.
const [what, rateLimit = '', folder = '', engine] = process.argv.slice(2);
if (engine !== undefined) {
  process.env['LEDGER_ALLOW_INSECURE'] = '1';
  process.env['LEDGER_DATA'] = folder;
}
const settings = readSettings({
  LEDGER_PORT: '0',
  LEDGER_RATE_LIMIT: rateLimit,
  LEDGER_AGENCY_RATE_LIMIT: rateLimit,
  ...(what === 'ledger' && {
    LEDGER_STORE: engine ?? `sqlite:${join(folder, 'ledger.db')}`,
  }),
});
const { url, token, close } = await (what === 'ledger' ? serveLedger() : serveNothing()).catch(
  (error: unknown) => {
    process.send?.({ failure: String(error) } satisfies Failure);
    process.exit(1);
  },
);

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message === 'usage') {
    globalThis.gc?.();
    process.send?.({
      memory: process.memoryUsage(),
      processor: process.cpuUsage(),
      peakBytes: process.resourceUsage().maxRSS * 1024,
    } satisfies Usage);
  }
  if (message === 'processor') process.send?.(process.cpuUsage());
  if (message === 'end') void close().then(() => process.disconnect());
});
process.send?.({ url, token } satisfies Listening);

async function serveLedger(): Promise<Listening & { readonly close: () => Promise<void> }> {
  mkdirSync(folder, { recursive: true });
  // The year of the sample's deductions, so that balances have them; it goes on as time does.
  const startedAt = performance.now();
  const clock = {
    now: () => instantOf(Date.parse(now) + Math.floor(performance.now() - startedAt)),
  };
  const serving = await serve(settings, clock);
  return { url: serving.url, token: serving.firstToken ?? '', close: () => serving.close() };
}

async function serveNothing(): Promise<Listening & { readonly close: () => Promise<void> }> {
  const app = await NestFactory.create<NestFastifyApplication>(BareModule, newAdapter(settings), {
    logger: false,
  });
  await app.listen(settings.port, settings.host);
  return { url: await app.getUrl(), token: '', close: () => app.close() };
}
