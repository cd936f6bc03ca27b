import {
  LedgerNode,
  systemClock,
  type Clock,
  type NodeNotice,
  type NodeRole,
} from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { CheckNotes } from '@penalty-ledger/application/check-notes';
import { locationOf } from '@penalty-ledger/application/store-url';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceParts } from '../api-module.js';
import { AccessLog, Anchors, UnloggedActs } from '@penalty-ledger/application/access-log';
import { KnownSenders } from '../guard/known-senders.js';
import { OidcTokens } from '../guard/oidc.js';
import { ApiKeys, type IssuedKey } from '@penalty-ledger/application/api-keys';
import { Metrics } from './metrics/metrics.js';
import { packBuilder } from '../evidence/build-pack.js';
import { EvidencePacks } from '../evidence/evidence-packs.js';
import { PackFiles } from '../evidence/pack-files.js';
import { isOurs } from '../evidence/pack-status.js';
import { AccessTrail } from '../served/access-trail.js';
import { createApp } from './app.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';
import { tripwireReport } from './tripwire-report.js';
import type { Settings } from './settings.js';
import { startTracing } from './tracing/tracing.js';
import { DeadlineWatch } from '../webhooks/deadline-watch.js';
import { ledgerDeadlines } from '../webhooks/ledger-deadlines.js';
import { WebhookDelivery } from '../webhooks/webhook-delivery.js';
import { Webhooks } from '@penalty-ledger/application/webhooks';

/** A service that listens. */
export interface Serving {
  readonly app: NestFastifyApplication;
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Of a new access file: the first administrator's token, which is given this once. */
  readonly firstToken: string | undefined;
  /** What whoever verifies is given; `undefined` on a node that only reads and has not the ledger's keys. */
  readonly verifierKey: string | undefined;
  /** What it does when it begins to listen. */
  readonly role: NodeRole;
  /** Takes no more requests, answers those it took, signs a checkpoint and closes every file. */
  close(): Promise<void>;
}

/** How often the clock is moved on while nobody sends, so that what falls due is recorded near its instant. */
const tickMs = 5_000;

/**
 * Opens the ledger, makes what a new one needs, and listens. On an engine where another node has the lease it begins as a reader, and takes commands once
 * the lease is free.
 *
 * @param environment where OpenTelemetry's own settings are (`OTEL_EXPORTER_OTLP_ENDPOINT`)
 * @throws StoreUrlError, StoreLockedError, IntegrityError, LedgerSettingsError, SettingsError
 */
export async function serve(
  settings: Settings,
  clock: Clock = systemClock,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Serving> {
  const location = locationOf(settings.store);
  const told: { notice: (notice: NodeNotice) => void } = { notice: () => undefined };
  // Events are appended while the ledger is opened, before there are metrics to count them.
  const watched: { metrics?: Metrics } = {};
  const node = await LedgerNode.open({
    url: settings.store,
    simulation: false,
    clock,
    node: { termMs: settings.leaseSeconds * 1_000 },
    onNotice: (notice) => told.notice(notice),
    onCommitted: (group) => watched.metrics?.committed(group),
    ...(settings.mode !== undefined && { mode: settings.mode }),
  });
  const releases: (() => Promise<void> | void)[] = [() => node.close()];
  const release = async (): Promise<void> => {
    for (const each of releases) await each();
  };
  try {
    const access = AccessFile.open(location.access);
    releases.push(() => access.close());
    const keys = new ApiKeys(access);
    const { reader } = node.reading;
    const verifierKey = node.verifierKey();
    const acts = new UnloggedActs(access);
    const firstToken = issueFirst(access, keys, acts, clock)?.token;
    // Nodes may share API keys and webhooks; each has an access log of its own, and so its own end of it.
    const own = location.anchors === location.access ? access : AccessFile.open(location.anchors);
    if (own !== access) releases.push(() => own.close());
    const anchors = new Anchors(own);
    const accessLog = await AccessLog.open({ path: location.accessLog, anchors, clock });
    // Its last anchor goes into the access file.
    releases.splice(1, 0, () => accessLog.close());
    const trail = new AccessTrail(location.accessLog, accessLog, acts);
    await trail.takeActs();
    // What cannot be taken in waits in the access file for the next start.
    releases.splice(1, 0, () => trail.takeActs().catch(() => undefined));
    const tracing = await startTracing(environment);
    releases.push(() => tracing.stop());
    const checks = new CheckNotes(access);
    const metrics: Metrics = new Metrics(
      {
        readModelLagEvents: () => ledger.lagEvents(),
        queueDepths: () => ({ commands: ledger.queued, access_log: accessLog.pending }),
        isWriter: () => node.role === 'writer',
        lastCheck: (kind) => checks.last(kind),
        tripwireAlarms: () => {
          const tripwires = node.writer?.tripwires;
          return tripwires === undefined ? {} : tripwireReport(tripwires).alarms;
        },
      },
      true,
    );
    watched.metrics = metrics;
    const ledger = new ServedLedger(node, clock, { metrics, tracing });
    const log = new ServedLog(settings.store, clock, node.identity);
    releases.unshift(() => log.close());
    const webhooks = new Webhooks(access, { allowPrivate: settings.webhookTargets === 'private' });
    const { ledgerId, simulation } = reader.settings;
    const delivery = new WebhookDelivery({
      events: reader.events,
      webhooks,
      deadlines: new DeadlineWatch({
        source: ledgerDeadlines(reader),
        notified: webhooks.notified,
        clock,
        onError: (error) => noteFailure(app, error),
      }),
      speaker: { ledgerId, simulation, zone: reader.zone },
      clock,
      isDelivering: () => node.role === 'writer',
      onError: (error) => noteFailure(app, error),
    });
    releases.unshift(() => delivery.stop());
    const packs = new EvidencePacks({
      files: await PackFiles.open(location.packs),
      clock,
      build: packBuilder(ledger, log),
      onError: (error) => {
        if (isOurs(error)) noteFailure(app, error);
      },
    });
    releases.unshift(() => packs.close());
    const app: NestFastifyApplication = await createApp(
      {
        ledger,
        log,
        keys,
        tokens: new OidcTokens(settings.oidc),
        senders: new KnownSenders(),
        clock,
        trail,
        anchors,
        metrics,
        tracing,
        webhooks,
        delivery,
        packs,
      },
      settings,
    );
    releases.unshift(() => closeServer(app));
    told.notice = (notice) => {
      tellOf(notice, app);
      if (notice.kind === 'role')
        delivery.refresh().catch((error: unknown) => noteFailure(app, error));
    };
    await app.listen(settings.port, settings.host);
    const stopTimers = startTimers({ ledger, log, delivery, trail, packs }, settings, app);
    await delivery.refresh();
    releases.unshift(() => {
      stopTimers();
      ledger.beginClosing();
    });
    return {
      app,
      url: urlOf(app, settings),
      firstToken,
      verifierKey,
      role: node.role,
      close: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The first key, with the entry that says where it came from. */
function issueFirst(
  access: AccessFile,
  keys: ApiKeys,
  acts: UnloggedActs,
  clock: Clock,
): IssuedKey | undefined {
  const now = clock.now();
  return access.inOneStep(() => {
    const issued = keys.issueFirst(now);
    if (issued !== undefined)
      acts.leave(
        { principal: 'service', route: 'first start', subject: { id: issued.key.id } },
        now,
      );
    return issued;
  });
}

/** Moves the clock on, takes up webhooks that an error ended, deletes packs whose hour is over, and signs when something was recorded; a reader keeps its tree up. */
function startTimers(
  {
    ledger,
    log,
    delivery,
    trail,
    packs,
  }: Pick<ServiceParts, 'ledger' | 'log' | 'delivery' | 'trail' | 'packs'>,
  { checkpointSeconds }: Settings,
  app: NestFastifyApplication,
): () => void {
  const note = (error: unknown): void => noteFailure(app, error);
  let signed = ledger.node.writer?.ledger.position;
  const tick = setInterval(() => {
    ledger.node.writer?.ledger.advanceTo(ledger.clock.now()).catch(note);
    delivery.refresh().catch(note);
    packs.sweep().catch(note);
    trail.takeActs().catch(note);
  }, tickMs);
  const sign = setInterval(() => {
    const { writer } = ledger.node;
    if (writer === undefined) {
      log.use(() => undefined).catch(note);
      return;
    }
    const { position } = writer.ledger;
    if (position === signed) return;
    signed = position;
    log.sign().catch((error: unknown) => {
      // Tried again at the next, also when nothing more is recorded.
      signed = undefined;
      note(error);
    });
  }, checkpointSeconds * 1000);
  return () => {
    clearInterval(tick);
    clearInterval(sign);
  };
}

/** One line in the log for what happened to the node. */
function tellOf(notice: NodeNotice, app: NestFastifyApplication): void {
  const { log } = app.getHttpAdapter().getInstance();
  if (notice.kind === 'role') {
    log.info({ role: notice.role, reason: notice.reason }, 'the role of this node has changed');
  } else if (notice.kind === 'renewal_failed') {
    log.warn(
      { failures: notice.failures, cause: notice.error.message },
      'the lease was not renewed',
    );
  } else if (notice.kind === 'takeover_failed') {
    log.warn({ cause: notice.error.message }, 'the lease is free and was not taken over');
  } else {
    log.error(
      { cause: notice.error.message },
      'this node takes no commands until it is started again',
    );
  }
}

function noteFailure(app: NestFastifyApplication, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  app.getHttpAdapter().getInstance().log.error({ cause }, 'a regular task failed');
}

/** How long requests that were taken may go on while the service closes. */
const graceMs = 20_000;

/** Lets what was taken finish. A connection that falls idle only then would be kept open for its sender's next request. */
async function closeServer(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await app.close();
  } finally {
    clearInterval(idle);
    clearTimeout(late);
  }
}

function urlOf(app: NestFastifyApplication, { host, hasTls }: Settings): string {
  const address: unknown = app.getHttpServer().address();
  const { port } = address as { readonly port: number };
  return `${hasTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
