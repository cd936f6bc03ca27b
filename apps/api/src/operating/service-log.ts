import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NodeNotice } from '@penalty-ledger/application';
import type { RebuildNotice } from './rebuilds.js';
import type { TlsNotice } from './tls-files.js';

/** Writes what happened to the node into the service's log, as one line. */
export function logNotice(app: NestFastifyApplication, notice: NodeNotice): void {
  const { log } = app.getHttpAdapter().getInstance();
  switch (notice.kind) {
    case 'role': {
      const { role, reason } = notice;
      log.info({ role, reason }, 'the role of this node has changed');
      return;
    }
    case 'renewal_failed': {
      const { failures, error } = notice;
      log.warn({ failures, cause: error.message }, 'the lease was not renewed');
      return;
    }
    case 'takeover_failed':
      log.warn({ cause: notice.error.message }, 'the lease is free and was not taken over');
      return;
    case 'writing_ended':
      log.error(
        { cause: notice.error.message },
        'this node takes no commands until it is started again',
      );
  }
}

/** Writes that damaged read models are rebuilt. */
export function logRebuild(app: NestFastifyApplication, { path, found }: RebuildNotice): void {
  const { log } = app.getHttpAdapter().getInstance();
  log.warn({ file: path, cause: found.en }, 'damaged read models are rebuilt from the events');
}

/** Writes that the service's own certificate was renewed, or cannot be. */
export function logTls(app: NestFastifyApplication, notice: TlsNotice): void {
  const { log } = app.getHttpAdapter().getInstance();
  if (notice.kind === 'renewed')
    log.info({ expiresAt: notice.expiresAt }, 'the renewed certificate is used from now on');
  else
    log.warn(
      { cause: notice.problem },
      'the files of the certificate have changed and cannot be used: the old one stays in use',
    );
}

/** Writes that the access log does not reach its second place, or reaches it again. */
export function logAccessCopy(app: NestFastifyApplication, problem: string | undefined): void {
  const { log } = app.getHttpAdapter().getInstance();
  if (problem === undefined) log.info('the access log reaches its second place again');
  else
    log.warn(
      { cause: problem },
      'the access log does not reach its second place; what is missing is sent later',
    );
}

/** Writes that the issuer's keys were not fetched; those fetched before go on serving. */
export function logIssuerProblem(app: NestFastifyApplication, cause: string): void {
  app
    .getHttpAdapter()
    .getInstance()
    .log.error({ cause }, 'the keys of the issuer were not fetched');
}

/** Writes the failure of a regular task into the service's log. */
export function logFailure(app: NestFastifyApplication, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  app.getHttpAdapter().getInstance().log.error({ cause }, 'a regular task failed');
}
