import { commandSchemas, type LedgerCommand } from '@penalty-ledger/ledger';

/** The form of a column's cells. */
export type CellForm =
  | 'adjustments'
  | 'caseNo'
  | 'clause'
  | 'count'
  | 'date'
  | 'hash'
  | 'id'
  | 'ids'
  | 'moment'
  | 'month'
  | 'name'
  | 'points'
  | 'sales'
  | 'text'
  | 'time'
  | 'year'
  | 'yes'
  | 'yesOrNo'
  | Readonly<Record<string, readonly string[]>>;

/** A column that a kind of sheet may have. */
export interface SheetColumn {
  /** Its name in English, by which it is mapped. */
  readonly field: string;
  /** Other titles under which it is found. */
  readonly titles: readonly string[];
  readonly form: CellForm;
  /** The place in the command's data; left out for what is not part of them. */
  readonly path?: readonly (number | string)[];
  /** The value beside it: the kind of a basis. */
  readonly basis?: string;
  /** The only command that has it, where the place alone would fit another. */
  readonly only?: CommandName;
  /** True for one that may be filled in any row, as rosters repeat the names of agencies. */
  readonly isLabel?: true;
}

export type CommandName = LedgerCommand['command'];

/** One of the five kinds of sheet. */
export interface SheetKind {
  readonly name: string;
  readonly chinese: string;
  readonly columns: readonly SheetColumn[];
  /** The commands a row may be, by the words of the column `action`. */
  readonly actions: Readonly<Partial<Record<CommandName, readonly string[]>>>;
  /** The command of a row without an action. */
  readonly usual: (has: (field: string) => boolean) => CommandName;
}

const column = (
  field: string,
  titles: string,
  form: CellForm,
  path: readonly (number | string)[] = [field],
): SheetColumn => ({ field, titles: titles.split(' '), form, path });

const reason = column('reason', '原因 理由 说明 事由', 'text');
const effectiveAt = column('effectiveAt', '生效时间 生效日期', 'time');
const occurredAt = column('occurredAt', '发生时间 发生日期 违规时间', 'time');
const decidedAt = column('decidedAt', '决定时间 决定日期 裁定时间', 'time');
const agencyId = column('agencyId', '机构ID 机构编号 公会ID', 'id');
const creatorId = column('creatorId', '达人ID 达人编号 主播ID', 'id');
const caseNo = '案号 案件编号 工单号';

/** Columns that are not data of the command, but of its line, or of the sheet itself. */
const lineColumns: readonly SheetColumn[] = [
  { field: 'at', titles: ['记录时间'], form: 'moment' },
  { field: 'by', titles: ['记录人', '操作人'], form: 'id' },
];

const sessions: SheetKind = {
  name: 'sessions',
  chinese: '直播场次',
  columns: [
    column('sessionId', '场次ID 场次编号 直播场次ID 直播间ID', 'id'),
    creatorId,
    { field: 'date', titles: ['日期', '直播日期'], form: 'date' },
    column('startedAt', '开播时间 开始时间 开播', 'moment'),
    column('endedAt', '下播时间 结束时间 下播', 'moment'),
    column('contentVertical', '内容类目 类目 内容垂类 垂类', 'name'),
    column('newFollowers', '新增粉丝 新增粉丝数 涨粉', 'count'),
    column('views', '观看 观看次数 观看人次', 'count'),
    column('sales', '销售额 成交额 成交金额', 'sales'),
    reason,
  ],
  actions: {
    RecordSession: ['record', '记录'],
    CorrectSession: ['correct', '更正'],
    VoidSession: ['void', '作废'],
  },
  usual: () => 'RecordSession',
};

const roster: SheetKind = {
  name: 'roster',
  chinese: '机构与达人名单',
  columns: [
    { ...agencyId, isLabel: true },
    {
      ...column('agencyName', '机构名称 机构 公会名称', 'name', ['name']),
      only: 'AdmitAgency',
      isLabel: true,
    },
    { ...column('legalPersonId', '法人ID 主体ID', 'id'), isLabel: true },
    creatorId,
    {
      ...column('creatorName', '达人名称 达人昵称 达人 主播昵称', 'name', ['name']),
      only: 'BindCreator',
      isLabel: true,
    },
    column('effectiveAt', '生效时间 生效日期 绑定时间 入驻时间', 'time'),
    reason,
  ],
  actions: {
    AdmitAgency: ['admit', '入驻'],
    RecordExit: ['exit', '退出'],
    BindCreator: ['bind', '绑定'],
    UnbindCreator: ['unbind', '解绑'],
    GrantExposureRight: ['grant', '授予曝光权'],
    WithdrawExposureRight: ['withdraw', '收回曝光权'],
  },
  usual: (has) => (has('creatorId') ? 'BindCreator' : 'AdmitAgency'),
};

const deductions: SheetKind = {
  name: 'deductions',
  chinese: '扣分',
  columns: [
    column('deductionId', '扣分ID 扣分编号 扣分单号', 'id'),
    agencyId,
    column('points', '扣分 扣分分值 分值', 'points'),
    column('clause', '条款 违规条款', 'clause'),
    occurredAt,
    effectiveAt,
    decidedAt,
    column('notifiedAt', '通知时间 通知日期 送达时间', 'time'),
    column('appealDeadline', '申诉截止时间 申诉截止', 'moment'),
    column('period', '扣分周期 周期 年度', 'year'),
    creatorId,
    {
      ...column('basisMonth', '考核月份 依据月份', 'month', ['basis', 'month']),
      basis: 'assessment',
    },
    {
      ...column('basisComplaintId', '依据投诉ID 投诉ID', 'id', ['basis', 'complaintId']),
      basis: 'complaint',
    },
    {
      ...column('basisSessionId', '依据场次ID 场次ID', 'id', ['basis', 'sessionId']),
      basis: 'session',
    },
    column('caseNo', caseNo, 'caseNo', ['notice', 'caseNo']),
    column('noticeText', '通知内容 通知正文', 'text', ['notice', 'text']),
    column('noticeSha256', '通知SHA256', 'hash', ['notice', 'sha256']),
    column('facts', '认定事实 违规事实', 'text', ['statement', 'facts']),
    column('statementReason', '处理理由 扣分理由', 'text', ['statement', 'reason']),
    column('statementBasis', '处理依据 规则依据', 'text', ['statement', 'basis']),
    column('remedy', '救济途径', 'text', ['statement', 'remedy']),
    column('automated', '自动化决定 是否自动化决定', 'yesOrNo'),
    reason,
  ],
  actions: {
    RecordDeduction: ['record', '扣分'],
    RecordRevocation: ['revoke', '撤销'],
    RecordPartialRevocation: ['revoke partly', '部分撤销'],
    RecordReinstatement: ['reinstate', '恢复'],
    CorrectDeduction: ['correct', '更正'],
  },
  usual: () => 'RecordDeduction',
};

const complaints: SheetKind = {
  name: 'complaints',
  chinese: '投诉',
  columns: [
    column('complaintId', '投诉ID 投诉编号', 'id'),
    agencyId,
    creatorId,
    column(
      'complainantKind',
      '投诉人类型 投诉方类型 投诉方',
      {
        merchant: ['商家'],
        creator: ['达人', '主播'],
        consumer: ['消费者', '用户'],
        platform: ['平台'],
      },
      ['complainant', 'kind'],
    ),
    column('complainantId', '投诉人ID 投诉方ID', 'id', ['complainant', 'id']),
    occurredAt,
    column('subject', '投诉事由 投诉内容 事由', 'text'),
    column('caseNo', caseNo, 'caseNo'),
    column('outcome', '处理结果 结果', {
      upheld: ['成立'],
      dismissed: ['不成立'],
      withdrawn: ['撤回', '已撤回'],
    }),
    column('reason', '原因 理由 说明', 'text'),
    column('from', '被合并投诉ID 被合并投诉编号', 'ids'),
    column('into', '并入投诉ID 并入投诉编号', 'id'),
  ],
  actions: {
    FileComplaint: ['file', '投诉'],
    CloseComplaint: ['close', '结案'],
    MergeComplaints: ['merge', '合并'],
    UnmergeComplaint: ['unmerge', '撤销合并'],
  },
  usual: () => 'FileComplaint',
};

const appeals: SheetKind = {
  name: 'appeals',
  chinese: '申诉',
  columns: [
    column('appealId', '申诉ID 申诉编号', 'id'),
    agencyId,
    column(
      'appealKind',
      '申诉类型',
      { ordinary: ['普通申诉', '普通'], last_chance: ['最后申诉机会', '最后申诉', '最后机会'] },
      ['kind'],
    ),
    column('deductionIds', '扣分ID 扣分编号 申诉扣分', 'ids'),
    column('expulsion', '申诉清退 清退', 'yes'),
    column('grounds', '申诉理由 理由', 'text'),
    column('initiatedAt', '发起时间 申诉时间', 'moment'),
    column('evidenceId', '证据ID 证据编号', 'id', ['items', 0, 'evidenceId']),
    column('title', '证据标题 证据名称', 'name', ['items', 0, 'title']),
    column('mediaType', '媒体类型 文件类型', 'name', ['items', 0, 'mediaType']),
    column('sha256', '证据SHA256', 'hash', ['items', 0, 'sha256']),
    column('bytes', '字节数 文件大小', 'count', ['items', 0, 'bytes']),
    column('submittedAt', '举证时间 提交时间', 'moment'),
    column('withdrawnAt', '撤回时间', 'moment'),
    column('outcome', '申诉结果 结果', {
      upheld: ['成立', '申诉成立'],
      partly_upheld: ['部分成立'],
      rejected: ['驳回', '不成立'],
      inadmissible: ['不予受理'],
    }),
    column('adjustments', '调整 扣分调整', 'adjustments'),
    column('reason', '原因 说明 裁定理由', 'text'),
    // A term of the rulebook runs to it (interchange §2), unlike to the decision of a deduction.
    { ...decidedAt, form: 'moment' },
  ],
  actions: {
    InitiateAppeal: ['initiate', '发起'],
    SubmitEvidence: ['submit evidence', '举证'],
    WithdrawAppeal: ['withdraw', '撤回'],
    DecideAppeal: ['decide', '裁定'],
  },
  usual: () => 'InitiateAppeal',
};

/** Every kind of sheet, with the columns that all of them may have. */
export const sheetKinds: readonly SheetKind[] = [
  sessions,
  roster,
  deductions,
  complaints,
  appeals,
].map((kind) => ({
  ...kind,
  columns: [
    ...kind.columns,
    { field: 'action', titles: ['操作', '动作'], form: kind.actions },
    ...lineColumns,
  ],
}));

export const sheetKindNames: readonly string[] = sheetKinds.map(({ name }) => name);

interface Fields {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** Says whether a command's data have the place of a column. */
export function isPartOf({ path, only }: SheetColumn, command: CommandName): boolean {
  const { properties } = fieldsOf(command);
  return (
    path !== undefined && (only ?? command) === command && Object.hasOwn(properties, path[0] ?? '')
  );
}

/** The columns that a command cannot do without. */
export function requiredColumns(kind: SheetKind, command: CommandName): readonly SheetColumn[] {
  const { required = [] } = fieldsOf(command);
  return kind.columns.filter(
    (each) =>
      isPartOf(each, command) &&
      required.includes(String(each.path?.[0])) &&
      !optionalParts.includes(each.field),
  );
}

/** Parts of a required member that may be left out of it. */
const optionalParts: readonly string[] = ['complainantId', 'bytes'];

function fieldsOf(command: CommandName): Fields {
  return commandSchemas[command];
}
