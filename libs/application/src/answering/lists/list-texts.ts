import type { InBoth } from '../../language.js';

/**
 * The fields of each list's question with what each does, and the list's orders: plain data, so
 * that help can show them without loading the ledger.
 */

const ofAgency = {
  agencyId: { en: 'only of this agency; of all unless given', zh: '仅限该机构；默认全部机构' },
} as const;
const known = {
  knownAt: {
    en: 'take into account what was recorded by then (default: now)',
    zh: '以该时点为止的记录为准（默认：现在）',
  },
} as const;
const at = {
  effectiveAt: {
    en: 'the moment the question is about (default: now)',
    zh: '查询所针对的时刻（默认：现在）',
  },
  ...known,
} as const;
const inThisState = { en: 'only in this state', zh: '仅限该状态' } as const;

export const listTexts = {
  agencies: {
    fields: {
      ...at,
      standing: { en: 'only in this standing', zh: '仅限该状态' },
      minBalance: { en: 'only with so many points or more', zh: '仅限积分不低于该值' },
    },
    sorts: ['agencyId', '-agencyId', 'balance', '-balance'],
  },
  appealable: {
    fields: {
      ...ofAgency,
      ...at,
      status: {
        en: 'only "open" ones, or those that cannot be appealed for one reason',
        zh: '仅限可申诉的（open），或因某一原因不可申诉的',
      },
      before: { en: 'only with a window that closes before', zh: '仅限申诉期在此之前截止的' },
    },
    sorts: ['until', '-until', 'effectiveAt', '-effectiveAt'],
  },
  appeals: {
    fields: {
      ...ofAgency,
      ...known,
      status: inThisState,
      dueBefore: {
        en: 'only where something is due before, or is late',
        zh: '仅限在此之前有待办事项或已逾期的',
      },
      dueWithinHours: { en: 'the same, in hours from K on', zh: '同上，自 K 起的小时数' },
    },
    sorts: ['initiatedAt', '-initiatedAt', 'due', '-due'],
  },
  complaints: {
    fields: {
      ...ofAgency,
      ...known,
      creatorId: { en: 'only about this creator', zh: '仅限投诉该达人的' },
      status: inThisState,
      month: { en: 'only filed in this month', zh: '仅限该月提交的' },
    },
    sorts: ['filedAt', '-filedAt'],
  },
  creators: { fields: { ...ofAgency, ...at }, sorts: ['agencyId', '-agencyId'] },
  deadlines: {
    fields: {
      ...ofAgency,
      ...at,
      kind: { en: 'only of this kind', zh: '仅限该种类' },
      before: { en: 'only those that fall before', zh: '仅限在此之前到期的' },
    },
    sorts: ['at', '-at'],
  },
  deductions: {
    fields: {
      ...ofAgency,
      ...at,
      status: {
        en: 'only those that count ("counts"), or that do not for one reason',
        zh: '仅限计入的（counts），或因某一原因不计入的',
      },
      clause: { en: 'only under this clause', zh: '仅限该条款' },
      period: { en: 'only of this year', zh: '仅限该年度' },
      from: { en: 'only in effect at or after', zh: '仅限在此时或之后生效的' },
      to: { en: 'only in effect before', zh: '仅限在此之前生效的' },
    },
    sorts: ['effectiveAt', '-effectiveAt', 'recordedAt', '-recordedAt', 'points', '-points'],
  },
  erasures: {
    fields: {
      status: {
        en: 'only those that are "due", or that something still holds ("held")',
        zh: '仅限已到期（due）或仍须保留（held）的',
      },
    },
    sorts: ['askedAt', '-askedAt'],
  },
  evidence: {
    fields: {
      ...ofAgency,
      ...known,
      kind: { en: 'only about subjects of this kind', zh: '仅限该类对象的证据' },
      sha256: { en: 'only of the file with this hash', zh: '仅限该哈希的文件' },
    },
    sorts: ['recordedAt', '-recordedAt'],
  },
  findings: {
    fields: {
      ...ofAgency,
      ...known,
      code: { en: 'only with this code', zh: '仅限该问题代码' },
      severity: {
        en: 'only breaches ("breach"), or only warnings ("warning")',
        zh: '仅限违规（breach）或警示（warning）',
      },
      from: { en: 'only recorded at or after', zh: '仅限在此时或之后记录的' },
      to: { en: 'only recorded before', zh: '仅限在此之前记录的' },
    },
    sorts: ['stream', 'recordedAt', '-recordedAt'],
  },
  outlooks: {
    fields: {
      prospect: { en: 'only whose month has this prospect', zh: '仅限本月考核前景为该值的机构' },
    },
    sorts: ['agencyId', '-agencyId', 'actBefore', '-actBefore', 'left', '-left'],
  },
  rulebooks: {
    fields: {
      ...at,
      id: { en: 'only the versions of this rulebook', zh: '仅限该规则的各版本' },
    },
    sorts: ['effectiveFrom', '-effectiveFrom'],
  },
  sessions: {
    fields: {
      ...ofAgency,
      ...known,
      creatorId: { en: 'only of this creator', zh: '仅限该达人' },
      date: { en: 'only started on this local date', zh: '仅限该日（当地日期）开播的' },
      from: { en: 'only started at or after', zh: '仅限在此时或之后开播的' },
      to: { en: 'only started before', zh: '仅限在此之前开播的' },
    },
    sorts: ['startedAt', '-startedAt'],
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly fields: Readonly<Record<string, InBoth>>;
      readonly sorts: readonly [string, ...string[]];
    }
  >
>;

export type ListName = keyof typeof listTexts;

/** An order of a list. */
export type ListSort<Name extends ListName> = (typeof listTexts)[Name]['sorts'][number];
