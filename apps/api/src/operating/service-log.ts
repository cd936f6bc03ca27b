import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { NodeNotice } from '@penalty-ledger/application';
import type { RebuildNotice } from './rebuilds.js';

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
  log.warn({ file: path, cause: found }, 'damaged read models are rebuilt from the events');
}

/** Writes the failure of a regular task into the service's log. */
export function logFailure(app: NestFastifyApplication, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  app.getHttpAdapter().getInstance().log.error({ cause }, 'a regular task failed');
}
