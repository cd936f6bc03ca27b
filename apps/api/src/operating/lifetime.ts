import { setTimeout as pause } from 'node:timers/promises';
import {
  LedgerNode,
  OpenParts,
  systemClock,
  type Clock,
  type NodeNotice,
  type NodeRole,
} from '@penalty-ledger/application';
import { AccessFile, assertAccessFile } from '@penalty-ledger/application/access-file';
import {
  AccessLog,
  AccessLogAge,
  AccessLogCopier,
  Anchors,
  UnloggedActs,
} from '@penalty-ledger/application/access-log';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { EvidenceFiles } from '@penalty-ledger/application/evidence-files';
import { FourEyes } from '@penalty-ledger/application/four-eyes';
import { CheckNotes } from '@penalty-ledger/application/check-notes';
import { locationOf, type LedgerLocation } from '@penalty-ledger/application/store-url';
import { Webhooks, WebhookSecrets } from '@penalty-ledger/application/webhooks';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessCopy } from '../access-copy/access-copy.js';
import { copyTargetOf } from '../access-copy/copy-target.js';
import { packBuilder } from '../evidence/build-pack.js';
import { EvidencePacks } from '../evidence/evidence-packs.js';
import { PackFiles } from '../evidence/pack-files.js';
import { isOurs } from '../evidence/pack-status.js';
import { KnownSenders } from '../guard/known-senders.js';
import { OidcTokens } from '../guard/oidc/oidc-tokens.js';
import { issueFirstKey } from '../keys/first-key.js';
import { AccessTrail } from '../served/access-trail.js';
import { Followers } from '../served/followers.js';
import { ServedLedger } from '../served/served-ledger.js';
import { ServedLog } from '../served/served-log.js';
import { deadlineSource, monthSource } from '../webhooks/agency-sources.js';
import { deadlineWatch } from '../webhooks/deadline-watch.js';
import { outlookWatch } from '../webhooks/outlook-watch.js';
import { WebhookDelivery } from '../webhooks/webhook-delivery.js';
import { createApp } from './app.js';
import { assertFree, closeServer, secureServerOf, urlOf } from './listening.js';
import { Metrics } from './metrics/metrics.js';
import { PromotionWatch } from './promotion-watch.js';
import { Rebuilds } from './rebuilds.js';
import { scrubReport } from './scrub-report.js';
import {
  logAccessCopy,
  logFailure,
  logIssuerProblem,
  logNotice,
  logRebuild,
  logTls,
} from './service-log.js';
import type { Settings } from './settings.js';
import { startTimers } from './timers.js';
import { TlsFiles } from './tls-files.js';
import { startTracing } from './tracing/tracing.js';
import { tripwireReport } from './tripwire-report.js';

/**
 * The parts of a service in the order in which they are closed, each before what it works with:
 *
 * 1. `timers`: no regular work begins, commands are refused, and feeds end.
 * 2. `promotions`: other machines are no longer asked or told who takes commands.
 * 3. `requests`: the server takes no more requests, and answers those it took.
 * 4. `packs`: evidence packs are no longer built, and their files are deleted.
 * 5. `webhooks`: deliveries are given up; the next start sends them again.
 * 6. `merkleLog`: the Merkle log file is closed.
 * 7. `ledger`: commands that were taken are finished, a checkpoint is signed and the lease given
 *    back; then the event store, the read models and the key file are closed
 *    (`LedgerNode.close`).
 * 8. `rebuilds`: rebuilds of read models are no longer counted.
 * 9. `acts`: what was done on this machine meanwhile is taken into the access log.
 * 10. `accessCopy`: what the access log's second place does not have is sent, if that is quick.
 * 11. `accessLog`: the access log is closed, and its last anchor written.
 * 12. `anchors`: the file of the access log's anchors is closed, where it is one of its own.
 * 13. `access`: the file of API keys and webhooks is closed.
 * 14. `traces`: spans that wait are sent.
 */
export const closingOrder = [
  'timers',
  'promotions',
  'requests',
  'packs',
  'webhooks',
  'merkleLog',
  'ledger',
  'rebuilds',
  'acts',
  'accessCopy',
  'accessLog',
  'anchors',
  'access',
  'traces',
] as const;

/** The wait for other machines at the start; one that is away is asked again later. */
const firstLookMs = 5_000;

type Parts = OpenParts<(typeof closingOrder)[number]>;

/** A service that listens. */
export interface Serving {
  readonly app: NestFastifyApplication;
  /** The address it listens at: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The first administrator's token, given this once; only of a new access file. */
  readonly firstToken: string | undefined;
  /**
   * The key that verifies what the ledger signs; `undefined` on a reader without the ledger's keys.
   */
  readonly verifierKey: string | undefined;
  /** The role of the node when it begins to listen. */
  readonly role: NodeRole;
  /** Says whether a failing disk ended the ledger or the access log. */
  hasStopped(): Promise<boolean>;
  /** Closes every part, in {@link closingOrder}. */
  close(): Promise<void>;
}

/**
 * Opens the ledger, makes what a new one needs, and listens. On an engine where another node has
 * the lease it begins as a reader, and takes commands once the lease is free.
 *
 * @param environment with OpenTelemetry's own settings (`OTEL_EXPORTER_OTLP_ENDPOINT`)
 * @throws StoreUrlError, StoreLockedError, IntegrityError, LedgerSettingsError, SettingsError; then
 *   every part that was opened is closed again
 */
export async function serve(
  settings: Settings,
  clock: Clock = systemClock,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Serving> {
  const parts = new OpenParts(closingOrder);
  try {
    return await open(settings, clock, environment, parts);
  } catch (error) {
    return await parts.closeAfter(error);
  }
}

async function open(
  settings: Settings,
  clock: Clock,
  environment: Readonly<Record<string, string | undefined>>,
  parts: Parts,
): Promise<Serving> {
  const location = locationOf(settings.store);
  const tls = TlsFiles.read(settings);
  // Before a ledger is made, which a service that cannot begin would leave behind.
  assertAccessFile(location.access);
  await assertFree(settings);
  // The ledger is open, and appends events, before there are metrics and a log to tell of it.
  const later: { metrics?: Metrics; onNotice?: (notice: NodeNotice) => void } = {};
  const rebuilds = new Rebuilds(location.readModels);
  parts.opened('rebuilds', () => {
    rebuilds.stop();
  });
  const node = await LedgerNode.open({
    url: settings.store,
    simulation: false,
    clock,
    node: { termMs: settings.leaseSeconds * 1_000 },
    onNotice: (notice) => later.onNotice?.(notice),
    onCommitted: (group) => later.metrics?.committed(group),
    ...(settings.mode !== undefined && { mode: settings.mode }),
  });
  parts.opened('ledger', () => node.close());
  const { access, accessLog, firstToken, ...guarding } = await openAccess(
    location,
    clock,
    parts,
    await node.verifierKeys(),
  );
  const accessCopy = accessCopyOf(location, accessLog, guarding.anchors, settings, (problem) => {
    logAccessCopy(app, problem);
  });
  if (accessCopy !== undefined) parts.opened('accessCopy', () => accessCopy.close());
  const verifierKey = node.verifierKey();
  const tracing = await startTracing(environment);
  parts.opened('traces', () => tracing.stop());
  const checks = new CheckNotes(access);
  const metrics: Metrics = new Metrics(
    {
      readModelLagEvents: () => ledger.lagEvents(),
      queueDepths: () => ({
        commands: ledger.queued,
        access_log: accessLog.pending,
        pending_acts: guarding.fourEyes.list(clock.now()).length,
      }),
      readModelsScrub: () => scrubReport(ledger.reader.scrub, rebuilds),
      damagedStreams: () => ledger.reader.damagedStreams,
      isWriter: () => node.role === 'writer',
      lastCheck: (kind) => checks.last(kind),
      tripwireAlarms: () => {
        const tripwires = node.writer?.tripwires;
        return tripwires === undefined ? {} : tripwireReport(tripwires).alarms;
      },
      certificateExpiresAt: () => tls?.expiresAt,
      accessCopyLag: () => accessCopy?.lag,
      followerLags: async () =>
        followers.lagsBehind(Number((await ledger.reader.events.head()) ?? 0)),
    },
    true,
  );
  later.metrics = metrics;
  const followers = new Followers(settings.neededFollower);
  const ledger = new ServedLedger(node, clock, { metrics, tracing }, followers);
  const log = new ServedLog(settings.store, clock, node.identity);
  parts.opened('merkleLog', () => log.close());
  const onError = (error: unknown): void => logFailure(app, error);
  // A node with another file of keys would seal what the writer cannot open.
  const secrets = new WebhookSecrets(() => (node.signer() === undefined ? undefined : node.keys));
  const webhooks = new Webhooks(access, { secrets, allowed: settings.allowedWebhookTargets });
  const delivery = deliveryOf(webhooks, ledger, onError);
  parts.opened('webhooks', () => delivery.stop());
  const evidenceFiles = new EvidenceFiles(location.evidence, settings.evidenceBytes);
  const packs = new EvidencePacks({
    files: await PackFiles.open(location.packs),
    clock,
    build: packBuilder(ledger, log, evidenceFiles),
    onError: (error) => {
      if (isOurs(error)) onError(error);
    },
  });
  parts.opened('packs', () => packs.close());
  const { trail } = guarding;
  const app: NestFastifyApplication = await createApp(
    {
      ...guarding,
      ledger,
      log,
      tokens: new OidcTokens(settings.oidc, {
        onProblem: (problem) => logIssuerProblem(app, problem),
      }),
      senders: new KnownSenders(),
      clock,
      metrics,
      tracing,
      webhooks,
      delivery,
      packs,
      evidenceFiles,
      rebuilds,
      sharesKeys: settings.shareKeys === '1',
      securityContact: settings.securityContact,
    },
    settings,
    tls,
  );
  parts.opened('requests', () => closeServer(app));
  rebuilds.tell((notice) => logRebuild(app, notice));
  later.onNotice = (notice) => {
    logNotice(app, notice);
    if (notice.kind === 'role') delivery.refresh().catch(onError);
  };
  const watch = new PromotionWatch(ledger, log, settings, onError);
  parts.opened('promotions', () => watch.stop());
  // Before the first command is taken: another machine may have taken over meanwhile.
  await Promise.race([watch.look(), pause(firstLookMs, undefined, { ref: false })]);
  await app.listen(settings.port, settings.host);
  watch.start(urlOf(app, settings));
  const { accessLogMonths: months } = settings;
  const accessLogAge =
    months === undefined
      ? undefined
      : new AccessLogAge({
          log: accessLog,
          clock,
          months,
          signer: () => node.signer(),
          copied: () => accessCopy?.copied,
        });
  const timed = { ledger, log, delivery, trail, packs, accessLogAge };
  const stopTimers = startTimers(timed, settings, onError);
  accessCopy?.start();
  const stopTls = tls?.watch(secureServerOf(app), (notice) => logTls(app, notice));
  parts.opened('timers', () => {
    stopTimers();
    stopTls?.();
    ledger.beginClosing();
  });
  await delivery.refresh();
  return {
    app,
    url: urlOf(app, settings),
    firstToken,
    verifierKey,
    role: node.role,
    hasStopped: async () => accessLog.hasStopped || (await node.hasStopped()),
    close: () => parts.close(),
  };
}

/** Opens what decides who may pass, and what notes who did. */
async function openAccess(
  location: LedgerLocation,
  clock: Clock,
  parts: Parts,
  signers: Awaited<ReturnType<LedgerNode['verifierKeys']>>,
) {
  const access = AccessFile.open(location.access);
  parts.opened('access', () => access.close());
  const keys = new ApiKeys(access);
  const fourEyes = new FourEyes(access, keys);
  const acts = new UnloggedActs(access);
  const firstToken = issueFirstKey(access, keys, acts, clock.now())?.token;
  const anchors = new Anchors(openAnchors(location, access, parts));
  const accessLog = await AccessLog.open({
    path: location.accessLog,
    anchors,
    clock,
    signers,
  });
  parts.opened('accessLog', () => accessLog.close());
  const trail = new AccessTrail(location.accessLog, accessLog, acts, clock);
  await trail.takeActs();
  // What cannot be taken in waits in the access file for the next start.
  parts.opened('acts', () => trail.takeActs().catch(() => undefined));
  return { access, accessLog, anchors, firstToken, fourEyes, keys, trail };
}

/** Sends the access log to a second place, where the settings name one. */
function accessCopyOf(
  { accessLog: path }: LedgerLocation,
  log: AccessLog,
  { file }: Anchors,
  { accessLogCopy: url, accessLogCopyToken: token }: Settings,
  onChange: (problem: string | undefined) => void,
): AccessCopy | undefined {
  if (url === undefined) return undefined;
  const target = copyTargetOf(url, token);
  return new AccessCopy(new AccessLogCopier(path, log, file, target), onChange);
}

/**
 * Nodes may share API keys and webhooks; each has an access log of its own, and its own anchors.
 */
function openAnchors(location: LedgerLocation, access: AccessFile, parts: Parts): AccessFile {
  if (location.anchors === location.access) return access;
  const own = AccessFile.open(location.anchors);
  parts.opened('anchors', () => own.close());
  return own;
}

function deliveryOf(
  webhooks: Webhooks,
  { node, reader, clock }: ServedLedger,
  onError: (error: unknown) => void,
): WebhookDelivery {
  const { ledgerId, simulation } = reader.settings;
  const watching = { notified: webhooks.notified, clock, onError };
  return new WebhookDelivery({
    events: reader.events,
    webhooks,
    deadlines: deadlineWatch({ source: deadlineSource(reader), ...watching }),
    outlook: outlookWatch({ source: monthSource(reader), ...watching }),
    origin: { ledgerId, simulation, zone: reader.zone },
    clock,
    isDelivering: () => node.role === 'writer',
    onError,
  });
}
