import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Clock } from '@penalty-ledger/application';
import { Anchors } from '@penalty-ledger/application/access-log';
import { CommandsController } from './commands/commands-controller.js';
import { ImportController } from './commands/import-controller.js';
import { AccessGuard, clockToken } from './guard/access-guard.js';
import { KnownSenders } from './guard/known-senders.js';
import { OidcTokens } from './guard/oidc.js';
import { KeysController } from './keys/keys-controller.js';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { MetricsController } from './metrics/metrics-controller.js';
import { Metrics } from './metrics/metrics.js';
import { EvidencePacks } from './packs/evidence-packs.js';
import { PacksController } from './packs/packs-controller.js';
import { AgenciesController } from './queries/agencies-controller.js';
import { EventStreams } from './queries/event-streams.js';
import { EventsController } from './queries/events-controller.js';
import { FindingsController } from './queries/findings-controller.js';
import { ListsController } from './queries/lists-controller.js';
import { ProofsController } from './queries/proofs-controller.js';
import { QueriesController } from './queries/queries-controller.js';
import { AccessTrail } from './service/access-trail.js';
import { AdministrationController } from './service/administration-controller.js';
import { HealthController } from './service/health-controller.js';
import { ServedLedger } from './service/served-ledger.js';
import { ServedLog } from './service/served-log.js';
import type { Tracing } from './tracing/tracing.js';
import { WebhookDelivery } from './webhooks/webhook-delivery.js';
import { WebhooksController } from './webhooks/webhooks-controller.js';
import { Webhooks } from './webhooks/webhooks.js';

/** What the routes work with. Whoever opened it closes it. */
export interface ServiceParts {
  readonly ledger: ServedLedger;
  readonly log: ServedLog;
  readonly keys: ApiKeys;
  readonly tokens: OidcTokens;
  readonly senders: KnownSenders;
  readonly clock: Clock;
  readonly trail: AccessTrail;
  readonly anchors: Anchors;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly webhooks: Webhooks;
  readonly delivery: WebhookDelivery;
  readonly packs: EvidencePacks;
}

/** Every route, each behind the guard. */
@Module({})
export class ApiModule {
  static over(parts: ServiceParts): DynamicModule {
    const {
      ledger,
      log,
      keys,
      tokens,
      senders,
      clock,
      trail,
      anchors,
      metrics,
      webhooks,
      delivery,
      packs,
    } = parts;
    return {
      module: ApiModule,
      controllers: [
        CommandsController,
        ImportController,
        AgenciesController,
        QueriesController,
        FindingsController,
        ListsController,
        EventsController,
        ProofsController,
        KeysController,
        AdministrationController,
        HealthController,
        WebhooksController,
        MetricsController,
        PacksController,
      ],
      providers: [
        { provide: ServedLedger, useValue: ledger },
        { provide: ServedLog, useValue: log },
        { provide: ApiKeys, useValue: keys },
        { provide: OidcTokens, useValue: tokens },
        { provide: KnownSenders, useValue: senders },
        { provide: clockToken, useValue: clock },
        { provide: AccessTrail, useValue: trail },
        { provide: Anchors, useValue: anchors },
        { provide: Metrics, useValue: metrics },
        { provide: Webhooks, useValue: webhooks },
        { provide: WebhookDelivery, useValue: delivery },
        { provide: EvidencePacks, useValue: packs },
        EventStreams,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    };
  }
}
