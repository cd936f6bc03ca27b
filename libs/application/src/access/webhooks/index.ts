export { newWebhookSecret, WebhookSecrets } from './webhook-secret.js';
export { maxWithinHours } from './notified-deadlines.js';
export type { DeadlinesWanted, NotifiedDeadlines } from './notified-deadlines.js';
export type { DeliveryProblem } from './delivery-problem.js';
export {
  allowedTargets,
  hostAndPort,
  problemOfAddress,
  problemOfUrl,
  publicTargetsOnly,
} from './webhook-target.js';
export type { AllowedTargets } from './webhook-target.js';
export {
  maxWebhooks,
  maxWebhooksOfOne,
  WebhookError,
  Webhooks,
  WebhookSchema,
  WithSecretSchema,
} from './webhooks.js';
export type { Delivered, NewWebhook, Webhook, WebhookParts, WithSecret } from './webhooks.js';
