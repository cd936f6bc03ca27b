export { newWebhookSecret, WebhookSecrets } from './webhook-secret.js';
export { maxWithinHours, WithinHoursSchema } from './notified.js';
export type { Notified, NotifiedMatter, WithinHours } from './notified.js';
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
