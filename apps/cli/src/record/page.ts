import type { AgencyChange, DeadlineKind, Trial } from '@penalty-ledger/application';
import type { CommandLine, LedgerZone } from '@penalty-ledger/ledger';
import { said } from '../terminal/language.js';
import { field } from '../terminal/layout.js';
import { count, deadline, figure, listed, standingWords, time } from '../terminal/words.js';

/** Shows commands before they are recorded, and what they would cause. */
export function trialPage(lines: readonly CommandLine[], trial: Trial, zone: LedgerZone): string[] {
  const events = trial.outcomes.flatMap((outcome) => outcome.events);
  const findings = [...new Set(trial.outcomes.flatMap((outcome) => outcome.findings))];
  const none = said('none', '无');
  return [
    ...lines.flatMap((line, index) => commandFields(line, trial.outcomes[index])),
    ...field(said('Events', '事件'), events.length === 0 ? none : listed(events)),
    ...field(said('Findings', '发现的问题'), findings.length === 0 ? none : listed(findings)),
    ...trial.agencies.flatMap((change) => changeFields(change, zone)),
    ...(trial.otherAgencies === 0
      ? []
      : field(
          '',
          said(
            `and ${count(trial.otherAgencies, 'more agency', 'more agencies')}: ` +
              'name one with --agency-id to see it',
            `另有 ${figure(trial.otherAgencies)} 家机构：用 --agency-id 指定一家即可查看`,
          ),
        )),
  ];
}

function commandFields(
  { command, dataAsSent }: CommandLine,
  outcome: Trial['outcomes'][number] | undefined,
): string[] {
  const again =
    outcome?.status === 'duplicate' ? said(' (recorded already)', '（此前已记录）') : '';
  return [
    ...field(said('Records', '将记录'), `${command.command}${again}`),
    ...Object.entries(dataAsSent as object).flatMap(([name, value]: [string, unknown]) =>
      memberFields(name, value),
    ),
  ];
}

/** A member of a command: a line for each value, named as the options of `record` are. */
function memberFields(name: string, value: unknown): string[] {
  if (isObject(value))
    return Object.entries(value).flatMap(([member, each]: [string, unknown]) =>
      memberFields(`${name}.${member}`, each),
    );
  if (Array.isArray(value) && value.some(isObject))
    return value.flatMap((each: unknown, index) => line(index === 0 ? name : '', inline(each)));
  return line(name, inline(value));
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return value.map(inline).join(', ');
  if (isObject(value)) return Object.values(value).map(inline).join('  ');
  return String(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function line(label: string, text: string): string[] {
  return field(label, text, { at: 2, labelWidth: 18 });
}

function changeFields(
  { agencyId, before, after, otherSums, deadlinesBegun, deadlinesEnded }: AgencyChange,
  zone: LedgerZone,
): string[] {
  const was = (figure: number | undefined, now: number): string =>
    figure === undefined || figure === now ? String(now) : `${String(figure)} → ${String(now)}`;
  const balance = was(before?.balance, after.balance);
  const threshold = after.expels === false ? undefined : String(after.threshold);
  const standings = [before?.standing ?? after.standing, after.standing].map(standingWords);
  return [
    ...field(said('Agency', '机构'), agencyId),
    ...line(
      said('Balance', '累计扣分'),
      said(
        `${balance}${threshold === undefined ? '' : ` of ${threshold}`} points in ${after.period}`,
        `${after.period} 年 ${balance}${threshold === undefined ? '' : ` / ${threshold}`} 分`,
      ),
    ),
    ...otherSums.flatMap((sum) =>
      line(
        said('Balance then', '彼时累计扣分'),
        said(
          `${was(sum.before, sum.after)} of ${String(sum.threshold)} in ${sum.period}, ` +
            `account ${sum.account}, at ${time(sum.effectiveAt)}`,
          `${sum.period} 年 ${was(sum.before, sum.after)} / ${String(sum.threshold)}，` +
            `计分账户 ${sum.account}，${time(sum.effectiveAt)} 时`,
        ),
      ),
    ),
    ...(after.scale === undefined
      ? []
      : line(said('Score', '分值'), was(before?.scale?.score, after.scale.score))),
    ...line(said('Standing', '身份'), [...new Set(standings)].join(' → ')),
    ...((before?.contested ?? 0) === after.contested
      ? []
      : line(said('Contested', '申诉中'), was(before?.contested, after.contested))),
    ...((before?.appealable ?? 0) === after.appealable
      ? []
      : line(said('Appealable', '可申诉'), was(before?.appealable, after.appealable))),
    ...deadlinesBegun.flatMap(({ kind, subjectId, at }) =>
      line(
        said('Deadline', '期限'),
        `${deadlineWords(kind)} ${subjectId}: ${deadline(zone.format(at))}`,
      ),
    ),
    ...deadlinesEnded.flatMap(({ kind, subjectId }) =>
      line(
        said('Deadline', '期限'),
        `${deadlineWords(kind)} ${subjectId}: ${said('ends', '终止')}`,
      ),
    ),
  ];
}

function deadlineWords(kind: DeadlineKind): string {
  switch (kind) {
    case 'appeal_deduction':
      return said('appeal of deduction', '扣分申诉');
    case 'appeal_expulsion':
      return said('appeal of expulsion', '清退申诉');
    case 'submit_evidence':
      return said('evidence for appeal', '申诉举证');
    case 'last_chance':
      return said('last chance', '最后一次申诉机会');
    case 'reentry':
      return said('re-entry from', '可申请重新入驻');
    case 'decide_appeal':
      return said('decision on appeal', '申诉裁定');
    case 'answer_review':
      return said('answer to review', '人工判定答复');
  }
}
