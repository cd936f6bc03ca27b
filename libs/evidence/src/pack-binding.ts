import { counted } from '@penalty-ledger/ledger';
import type { InBoth } from '@penalty-ledger/ledger/in-both';
import type { TakenAsRecorded } from './decisions.js';
import type { PackStep } from './pack-step.js';

/**
 * The reason why a part of a pack cannot be changed (`docs/spec/evidence-pack.md`, "What binds each
 * byte"): a signature of the ledger's, the proofs, what it comes to when it is computed anew, an
 * event that seals it or names its hash.
 */
export type Binding = 'signature' | 'proof' | 'computation' | 'event' | 'nothing';

/** One file of a pack, and what binds its bytes. */
export interface PackPart {
  readonly name: string;
  readonly boundBy: Binding;
}

/** The steps that bind a file, when they hold. */
const binding: Readonly<Record<string, readonly [Binding, readonly PackStep[]]>> = {
  'manifest.json': ['signature', ['signature']],
  'signature.txt': ['signature', ['signature']],
  'checkpoint.txt': ['signature', ['checkpoint']],
  'events.ndjson': ['proof', ['inclusion', 'completeness']],
  'proofs.json': ['proof', ['inclusion', 'completeness']],
  'computation.json': ['computation', ['computation']],
  'disclosed.json': ['event', ['disclosure']],
  'statement.html': ['computation', ['statement', 'computation']],
};

/** Says of each file what binds it, by the steps that hold. */
export function partsOf(
  names: readonly string[],
  holds: (step: PackStep) => boolean,
  isPdfCompared: boolean,
): readonly PackPart[] {
  return names.map((name) => {
    const [boundBy, steps] = bindingOf(name, isPdfCompared);
    return { name, boundBy: steps.every(holds) ? boundBy : 'nothing' };
  });
}

function bindingOf(name: string, isPdfCompared: boolean): readonly [Binding, readonly PackStep[]] {
  if (name === 'statement.pdf')
    return isPdfCompared ? ['computation', ['pdf']] : ['signature', ['files', 'signature']];
  return binding[name] ?? ['event', ['attachments']];
}

/** Parts of a pack that a verification could not look at. */
export const notChecked = {
  pdf: {
    en:
      'whether statement.pdf says what the pack says: it was printed by another program or font ' +
      'than this one has. The ledger signed it; read statement.html instead',
    zh:
      'statement.pdf 的内容是否与证据包一致：它由另一程序或字体排印。账本已对其签名；' +
      '请改看 statement.html',
  },
  history: {
    en:
      'whether the ledger shows everybody the same history: ' +
      'no checkpoint or receipt that you kept was given',
    zh: '账本向所有人出示的历史是否相同：未提供您保存的检查点或回执',
  },
} as const satisfies Readonly<Record<string, InBoth>>;

/**
 * The facts that decisions in a pack rest on and its events do not hold: the decisions were made
 * again with them as they were recorded.
 */
export function takenAsRecorded({
  assessments,
  complaintsAboutCreators,
  countedMonths,
}: TakenAsRecorded): InBoth[] {
  return [
    ...(countedMonths.length === 0
      ? []
      : [
          {
            en:
              `whether the assessments of ${countedMonths.join(', ')} left out a creator, ` +
              'or a session that was recorded for another agency: ' +
              'they were counted again from what the pack holds',
            zh:
              `${countedMonths.join('、')} 的考核是否遗漏了达人，或遗漏了记在其他机构名下的场次：` +
              '已按证据包所含内容重新计数',
          },
        ]),
    ...(assessments === 0
      ? []
      : [
          {
            en:
              `what ${counted(assessments, 'assessment')} counted: ` +
              'the sessions and bindings are not in the pack',
            zh: `${assessments} 次月度考核所计的数：场次与绑定不在证据包中`,
          },
        ]),
    ...(complaintsAboutCreators === 0
      ? []
      : [
          {
            en:
              `whether the agency answers for the creators of ` +
              `${counted(complaintsAboutCreators, 'complaint')}: ` +
              'their bindings are not in the pack',
            zh:
              `${complaintsAboutCreators} 件投诉所涉达人是否由该机构负责：` +
              '达人的绑定不在证据包中',
          },
        ]),
  ];
}
