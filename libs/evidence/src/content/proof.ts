import {
  headingOf,
  inOne,
  lineOf,
  named,
  pair,
  plain,
  soft,
  term,
  type Block,
  type Line,
} from './blocks.js';
import type { LeftOut, Records } from './records.js';
import { rulebookBlocks } from './rulebook-terms.js';

/** Assumptions, findings, and the rulebooks. */
export function assumptionBlocks(records: Records): Block[] {
  const { deductions, now, then } = records.data.computation;
  const assumed = [...new Set([...(then?.assumptions ?? []), ...now.assumptions])];
  const names = assumed.map((each) => (typeof each === 'string' ? each : each.en));
  const found = [...new Set([...(then?.findings ?? []), ...now.findings])];
  const { id, rulebookVersion, sha256 } = now.rulebook;
  return [
    headingOf(pair('假设与发现', 'Assumptions and findings')),
    lineOf(
      named(
        '未有依据、由本账本设定的参数',
        'parameters no source answers, declared by the ledger:',
        names.join(', ') || '—',
      ),
    ),
    lineOf([
      ...pair('与规则不符之处', 'departures from the rulebook:'),
      ...plain(found.length === 0 ? ' —' : ''),
    ]),
    ...found.map((code) => {
      const about = deductions
        .filter(({ findings }) => findings.includes(code))
        .map(({ deductionId }) => deductionId);
      return lineOf([
        { text: `${code} ` },
        ...term(code),
        ...plain(about.length === 0 ? '' : ` (${about.join(', ')})`),
      ]);
    }),
    headingOf(pair('规则', 'Rulebooks')),
    lineOf(named('所问时点适用', 'in force at the instant asked', `${id} ${rulebookVersion}`)),
    lineOf(soft(`SHA-256 ${sha256}`)),
    ...rulebookBlocks(records),
  ];
}

/** The texts and files that a reader of this pack does not get, and why. */
export function leftOutBlocks(records: Records): Block[] {
  const summary = leftOutSummary(records.leftOut());
  const { assessments = [] } = records.data.computation;
  const months = assessments.map(({ month }) => month);
  return [
    headingOf(pair('本证据包略去的内容', 'What this pack leaves out')),
    lineOf(
      summary ??
        pair('未略去任何已封存的文字或已登记的文件。', 'No sealed text and no registered file.'),
    ),
    lineOf(months.length === 0 ? withoutSessions() : withSessions(months)),
    lineOf(pair('其他机构的记录不在本包内。', 'Records of other agencies are not in it.')),
  ];
}

function withoutSessions(): Line {
  return pair(
    '场次、达人绑定与流量的记录不在本包内；考核测算以场次编号清单的哈希指明其所依据的场次。',
    'Records of sessions, of creators and of traffic are not in it; ' +
      'an assessment names its sessions by the hash of their ids.',
  );
}

function withSessions(months: readonly string[]): Line {
  return pair(
    `场次与达人绑定只含 ${months.join('、')} 考核所依据者，达人名称与更正理由未予披露；` +
      '流量记录不在本包内。',
    'Of sessions and creators it has what the assessments of ' +
      `${months.join(', ')} rest on, without the creators' names and the reasons of corrections; ` +
      'records of traffic are not in it.',
  );
}

/** One line that stands on every page of a statement from which something was left out. */
export function leftOutSummary(left: LeftOut): Line | undefined {
  const { complaintFiles, complaintTexts, otherFiles, otherTexts } = left;
  const parts = [
    ...(complaintTexts > 0
      ? [
          pair(
            `述及投诉的文字 ${complaintTexts} 段`,
            `${counted(complaintTexts, 'text')} telling of a complaint`,
          ),
        ]
      : []),
    ...(otherTexts > 0
      ? [
          pair(
            `未披露或已删除的文字 ${otherTexts} 段`,
            `${counted(otherTexts, 'text')} undisclosed or erased`,
          ),
        ]
      : []),
    ...(complaintFiles > 0
      ? [
          pair(
            `述及投诉的文件 ${complaintFiles} 个`,
            `${counted(complaintFiles, 'file')} telling of a complaint`,
          ),
        ]
      : []),
    ...(otherFiles > 0
      ? [pair(`未随附的文件 ${otherFiles} 个`, `${counted(otherFiles, 'file')} not attached`)]
      : []),
  ];
  if (parts.length === 0) return undefined;
  return [...pair('略去', 'left out:'), ...plain(' '), ...inOne(parts)];
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The facts that the ledger signed, and by which key. */
export interface Signed {
  readonly origin: string;
  readonly size: string;
  /** The tree's root, in hexadecimal. */
  readonly root: string;
  readonly signedAt: string;
  readonly streams: string;
  /** The names of the keys that signed, each with its id: how a verifier key of it begins. */
  readonly keys: readonly string[];
}

/** Reads a checkpoint whose signature others check (`docs/spec/checkpoint.md`). */
export function signedFacts(checkpoint: string): Signed {
  const [text = '', signatures = ''] = checkpoint.split('\n\n');
  const [origin = '', size = '', root = '', ...more] = text.split('\n');
  const valueOf = (name: string): string =>
    more.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  return {
    origin,
    size,
    root: hexOf(root),
    signedAt: valueOf('signed-at'),
    streams: valueOf('stream-heads').split(' ')[0] ?? '',
    keys: signatures
      .split('\n')
      .filter((line) => line.startsWith('— '))
      .map((line) => {
        const [, name = '', signature = ''] = line.split(' ');
        return `${name}+${hexOf(signature).slice(0, 8)}`;
      }),
  };
}

function hexOf(base64: string): string {
  return Array.from(atob(base64))
    .map((each) => each.charCodeAt(0).toString(16).padStart(2, '0'))
    .join('');
}

/** The checkpoint that everything is proved against. */
export function checkpointBlocks(records: Records): Block[] {
  const { checkpoint, ledgerId } = records.data;
  const { keys, origin, root, signedAt, size, streams } = signedFacts(checkpoint);
  return [
    headingOf(pair('检查点', 'Checkpoint')),
    lineOf(inOne([named('账本', 'ledger', ledgerId), named('签名者', 'signed by', origin)])),
    lineOf(
      named(
        '密钥指纹（验证公钥以此开头）',
        "key's fingerprint: its verifier key begins with",
        keys.join(', '),
      ),
    ),
    lineOf(named('签名时刻', 'signed at', records.instant(signedAt))),
    lineOf(named('默克尔树叶数（事件数）', 'leaves of the Merkle tree, one an event', size)),
    lineOf(named('树根 SHA-256', 'root, hexadecimal', root)),
    lineOf(named('事件流数', 'streams', streams)),
    lineOf(soft('原文 verbatim')),
    { kind: 'verbatim', text: checkpoint.trimEnd() },
  ];
}

const steps: readonly (readonly [zh: string, en: string])[] = [
  [
    '本文件随证据包（ZIP）提供，只供阅读；证明在证据包内的事件与哈希之中。',
    'This document is in an evidence pack (a ZIP) and is for reading; ' +
      'what proves it are the events and hashes beside it.',
  ],
  [
    '向账本以外的渠道取得其验证公钥，运行：ledger verify PACK.zip --key KEY。' +
      '无需联网，也无需账本。',
    "Get the ledger's verifier key by another way than this pack and run: " +
      'ledger verify PACK.zip --key KEY. ' +
      'It needs neither a network nor the ledger.',
  ],
  [
    '或用浏览器打开从别处取得的 statement.html，选择证据包并粘贴公钥。',
    'Or open a copy of statement.html that came from elsewhere in a browser, ' +
      'choose the pack and paste the key.',
  ],
  [
    '若您保存有更早的检查点或回执，请一并提供：验证会证明本账本由其延续而来，未被改写。',
    'Give it the checkpoints and receipts you have kept, too: ' +
      'that shows that this ledger follows from them and was not rewritten.',
  ],
  [
    '验证成立即证明：签名的账本在该检查点前恰好记录了这些事件，上述积分由其得出；不证明所记录之事属实。',
    'What a pack that holds proves: that the ledger that signed has recorded these events ' +
      'and no others of the agency up to the checkpoint, ' +
      'and that these points follow from them; ' +
      'not that what was recorded is true.',
  ],
];

/** Instructions to verify the pack without trusting the party that handed it over. */
export function howToVerifyBlocks(): Block[] {
  return [
    headingOf(pair('如何验证', 'How to verify')),
    ...steps.map(([zh, en], at) => lineOf([{ text: `${at + 1}. ` }, ...pair(zh, en)])),
  ];
}
