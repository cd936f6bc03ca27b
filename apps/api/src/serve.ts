import { systemClock, openLedger, type Clock } from '@penalty-ledger/application';
import { AccessFile } from '@penalty-ledger/application/access-file';
import { CheckNotes } from '@penalty-ledger/application/check-notes';
import { signingKeyName } from '@penalty-ledger/application/key-store';
import { locationOf } from '@penalty-ledger/application/store-url';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceParts } from './api-module.js';
import { AccessLog, Anchors, UnloggedActs } from '@penalty-ledger/application/access-log';
import { KnownSenders } from './guard/known-senders.js';
import { OidcTokens } from './guard/oidc.js';
import { ApiKeys, type IssuedKey } from '@penalty-ledger/application/api-keys';
import { Metrics } from './metrics/metrics.js';
import { packBuilder } from './packs/build-pack.js';
import { EvidencePacks } from './packs/evidence-packs.js';
import { PackFiles } from './packs/pack-files.js';
import { isOurs } from './packs/pack-status.js';
import { AccessTrail } from './service/access-trail.js';
import { createApp } from './service/create-app.js';
import { ServedLedger } from './service/served-ledger.js';
import { ServedLog } from './service/served-log.js';
import { tripwireReport } from './service/tripwire-report.js';
import type { Settings } from './settings.js';
import { startTracing } from './tracing/tracing.js';
import { WebhookDelivery } from './webhooks/webhook-delivery.js';
import { Webhooks } from './webhooks/webhooks.js';

/** A service that listens. */
export interface Serving {
  readonly app: NestFastifyApplication;
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Of a new access file: the first administrator's token, which is given this once. */
  readonly firstToken: string | undefined;
  /** What whoever verifies is given. */
  readonly verifierKey: string;
  /** Takes no more requests, answers those it took, signs a checkpoint and closes every file. */
  close(): Promise<void>;
}

/** How often the clock is moved on while nobody sends, so that what falls due is recorded near its instant. */
const tickMs = 5_000;

/**
 * Opens the ledger, makes what a new one needs, and listens.
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
  // Events are appended while the ledger is opened, before there are metrics to count them.
  const watched: { metrics?: Metrics } = {};
  const opened = await openLedger({
    url: settings.store,
    simulation: false,
    openedAt: clock.now(),
    clock,
    onCommitted: (group) => watched.metrics?.committed(group),
    ...(settings.mode !== undefined && { mode: settings.mode }),
  });
  const releases: (() => Promise<void> | void)[] = [() => opened.close()];
  const release = async (): Promise<void> => {
    for (const each of releases) await each();
  };
  try {
    const access = AccessFile.open(location.access);
    releases.push(() => access.close());
    const keys = new ApiKeys(access);
    const { verifierKey } = opened.ledger.parts.keys.signingKey(signingKeyName(opened.ledger.settings.ledgerId));
    const acts = new UnloggedActs(access);
    const firstToken = issueFirst(access, keys, acts, clock)?.token;
    const anchors = new Anchors(access);
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
        lastCheck: (kind) => checks.last(kind),
        tripwireAlarms: () => (opened.tripwires === undefined ? {} : tripwireReport(opened.tripwires).alarms),
      },
      true,
    );
    watched.metrics = metrics;
    const ledger = new ServedLedger(opened, clock, { metrics, tracing });
    const log = new ServedLog(settings.store, clock);
    releases.unshift(() => log.close());
    const webhooks = new Webhooks(access, { allowPrivate: settings.webhookTargets === 'private' });
    const { ledgerId, simulation } = opened.ledger.settings;
    const delivery = new WebhookDelivery({
      store: opened.reader.parts.store,
      webhooks,
      speaker: { ledgerId, simulation },
      clock,
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
    await app.listen(settings.port, settings.host);
    const stopTimers = startTimers({ ledger, log, delivery, trail, packs }, settings, app);
    await delivery.refresh();
    releases.unshift(() => {
      stopTimers();
      ledger.beginClosing();
    });
    return { app, url: urlOf(app, settings), firstToken, verifierKey, close: release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The first key, with the entry that says where it came from. */
function issueFirst(access: AccessFile, keys: ApiKeys, acts: UnloggedActs, clock: Clock): IssuedKey | undefined {
  const now = clock.now();
  return access.inOneStep(() => {
    const issued = keys.issueFirst(now);
    if (issued !== undefined)
      acts.leave({ principal: 'service', route: 'first start', subject: { id: issued.key.id } }, now);
    return issued;
  });
}

/** Moves the clock on, takes up webhooks that an error ended, deletes packs whose hour is over, and signs when something was recorded. */
function startTimers(
  { ledger, log, delivery, trail, packs }: Pick<ServiceParts, 'ledger' | 'log' | 'delivery' | 'trail' | 'packs'>,
  { checkpointSeconds }: Settings,
  app: NestFastifyApplication,
): () => void {
  const note = (error: unknown): void => noteFailure(app, error);
  let signed = ledger.opened.ledger.position;
  const tick = setInterval(() => {
    ledger.opened.ledger.advanceTo(ledger.clock.now()).catch(note);
    delivery.refresh().catch(note);
    packs.sweep().catch(note);
    trail.takeActs().catch(note);
  }, tickMs);
  const sign = setInterval(() => {
    const { position } = ledger.opened.ledger;
    if (position === signed) return;
    signed = position;
    log.sign().catch(note);
  }, checkpointSeconds * 1000);
  return () => {
    clearInterval(tick);
    clearInterval(sign);
  };
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
