import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Clock } from '@penalty-ledger/application';
import { Anchors } from '@penalty-ledger/application/access-log';
import { CommandsController } from './commands/commands-controller.js';
import { ImportController } from './imports/import-controller.js';
import { AccessGuard, clockToken } from './guard/access-guard.js';
import type { KnownSenders } from './guard/known-senders.js';
import type { OidcTokens } from './guard/oidc/oidc-tokens.js';
import { FourEyesController } from './four-eyes/four-eyes-controller.js';
import { Erasures } from './operating/erasures.js';
import { KeysController } from './keys/keys-controller.js';
import { ApiKeys } from '@penalty-ledger/application/api-keys';
import { FourEyes } from '@penalty-ledger/application/four-eyes';
import { MetricsController } from './operating/metrics/metrics-controller.js';
import { Metrics } from './operating/metrics/metrics.js';
import { EvidenceFiles } from '@penalty-ledger/application/evidence-files';
import { EvidenceFilesController } from './evidence-files/evidence-files-controller.js';
import { TrialController } from './trials/trial-controller.js';
import { EvidencePacks } from './evidence/evidence-packs.js';
import { PacksController } from './evidence/packs-controller.js';
import { CreatorsController } from './creators/creators-controller.js';
import { DeductionsController } from './deductions/deductions-controller.js';
import { EvidenceController } from './evidence/evidence-controller.js';
import { RulebooksController } from './rulebooks/rulebooks-controller.js';
import { AppealsController } from './appeals/appeals-controller.js';
import { ComplaintsController } from './complaints/complaints-controller.js';
import { DeadlinesController } from './deadlines/deadlines-controller.js';
import { SessionsController } from './sessions/sessions-controller.js';
import { AgenciesController } from './agencies/agencies-controller.js';
import { EventStreams } from './served/event-streams.js';
import { EventsController } from './events/events-controller.js';
import { RecordsController } from './events/records-controller.js';
import { FindingsController } from './findings/findings-controller.js';
import { OutlookController } from './outlook/outlook-controller.js';
import { ProofsController } from './proofs/proofs-controller.js';
import { NearestRecords } from './queries/nearest-records.js';
import { QueriesController } from './queries/queries-controller.js';
import { AccessTrail } from './served/access-trail.js';
import { AdministrationController } from './operating/administration-controller.js';
import { FenceController } from './operating/fence-controller.js';
import { SealingKeysController, sharesKeysToken } from './operating/sealing-keys-controller.js';
import {
  SecurityTextController,
  securityContactToken,
} from './operating/security-text-controller.js';
import { SigningKeyRotation } from './operating/signing-key.js';
import { SigningKeyController } from './operating/signing-key-controller.js';
import { HealthController } from './operating/health-controller.js';
import { Rebuilds } from './operating/rebuilds.js';
import { ServedLedger } from './served/served-ledger.js';
import { ServedLog } from './served/served-log.js';
import type { Tracing } from './operating/tracing/tracing.js';
import { WebhookDelivery } from './webhooks/webhook-delivery.js';
import { WebhooksController } from './webhooks/webhooks-controller.js';
import { Webhooks } from '@penalty-ledger/application/webhooks';

/** The parts that the routes work with. `operating/lifetime.ts` opens and closes them. */
export interface ServiceParts {
  readonly ledger: ServedLedger;
  readonly log: ServedLog;
  readonly keys: ApiKeys;
  readonly fourEyes: FourEyes;
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
  readonly evidenceFiles: EvidenceFiles;
  readonly rebuilds: Rebuilds;
  /** Keys are given to administrators who follow. */
  readonly sharesKeys: boolean;
  /** The contact for reports of weaknesses; `undefined` where the operator named none. */
  readonly securityContact: string | undefined;
}

/** Every route, each behind the guard. */
@Module({})
export class ApiModule {
  static over(parts: ServiceParts): DynamicModule {
    const {
      ledger,
      log,
      keys,
      fourEyes,
      clock,
      trail,
      anchors,
      metrics,
      webhooks,
      delivery,
      packs,
      evidenceFiles,
      rebuilds,
      sharesKeys,
      securityContact,
    } = parts;
    return {
      module: ApiModule,
      controllers: [
        CommandsController,
        ImportController,
        AgenciesController,
        QueriesController,
        FindingsController,
        DeadlinesController,
        OutlookController,
        AppealsController,
        ComplaintsController,
        SessionsController,
        DeductionsController,
        RulebooksController,
        CreatorsController,
        EvidenceController,
        EventsController,
        RecordsController,
        ProofsController,
        KeysController,
        FourEyesController,
        AdministrationController,
        HealthController,
        SecurityTextController,
        FenceController,
        SealingKeysController,
        SigningKeyController,
        WebhooksController,
        MetricsController,
        PacksController,
        EvidenceFilesController,
        TrialController,
      ],
      providers: [
        { provide: ServedLedger, useValue: ledger },
        { provide: ServedLog, useValue: log },
        { provide: ApiKeys, useValue: keys },
        { provide: FourEyes, useValue: fourEyes },
        { provide: clockToken, useValue: clock },
        { provide: AccessTrail, useValue: trail },
        { provide: Anchors, useValue: anchors },
        { provide: Metrics, useValue: metrics },
        { provide: Webhooks, useValue: webhooks },
        { provide: WebhookDelivery, useValue: delivery },
        { provide: EvidencePacks, useValue: packs },
        { provide: EvidenceFiles, useValue: evidenceFiles },
        { provide: Rebuilds, useValue: rebuilds },
        { provide: sharesKeysToken, useValue: sharesKeys },
        { provide: securityContactToken, useValue: securityContact },
        EventStreams,
        Erasures,
        SigningKeyRotation,
        NearestRecords,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    };
  }
}
