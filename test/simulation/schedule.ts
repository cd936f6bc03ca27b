import type { FaultCode } from '../power-loss/simulated-disk.js';
import type { AppendFault, ReadFault } from './simulated-engine.js';
import type { ReceiverAnswer } from './webhook-receiver.js';

/** One step of a schedule. Nodes are counted from 0, and past the last from the first again. */
export type Step =
  | { readonly do: 'send'; readonly node: number; readonly command: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'pause'; readonly node: number; readonly ms: number }
  | { readonly do: 'kill' | 'start' | 'stop' | 'sign'; readonly node: number }
  | { readonly do: 'append fault'; readonly node: number; readonly fault: AppendFault }
  | { readonly do: 'read fault'; readonly node: number; readonly fault: ReadFault }
  | { readonly do: 'engine down'; readonly ms: number }
  | { readonly do: 'set engine clock'; readonly aheadMs: number }
  | { readonly do: 'write beside' }
  | { readonly do: 'set clock'; readonly node: number; readonly aheadMs: number }
  | { readonly do: 'ask'; readonly node: number; readonly agency: string }
  | { readonly do: 'receiver'; readonly answers: readonly ReceiverAnswer[] }
  /** The machine of a node loses its power. */
  | { readonly do: 'power loss'; readonly node: number }
  | {
      readonly do: 'disk fault';
      readonly node: number;
      readonly code: FaultCode;
      readonly kind: 'write' | 'sync' | 'create';
      /** The calls of this kind before it, and the calls that fail. */
      readonly after: number;
      readonly count: number;
    };

/** A schedule: what happens, and the seed of everything that is left to chance. */
export interface Schedule {
  readonly seed: number;
  readonly nodes: number;
  readonly steps: readonly Step[];
}
