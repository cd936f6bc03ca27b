import { enumOf, type Shape } from '@penalty-ledger/ledger';

/**
 * A class of failures. Nothing the receiver or the network said is in it, so a webhook cannot be
 * used to look around behind the service.
 */
export type DeliveryProblem = Shape<typeof DeliveryProblemSchema>;
export const DeliveryProblemSchema = enumOf(
  [
    'target_refused',
    'unreachable',
    'tls',
    'timeout',
    'redirect',
    'client_error',
    'server_error',
    'gone',
  ],
  'the last failure: the service does not send there; no connection or no answer; no trusted ' +
    'certificate; too slow; an answer of 3xx, which is not followed, 4xx, 5xx, or 410',
);
