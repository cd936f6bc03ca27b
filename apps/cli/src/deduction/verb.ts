import type { Command } from 'commander';
import { addAct } from '../record/act-verb.js';
import { said } from '../terminal/language.js';
import { addVerb, type VerbText } from '../verb.js';

export function addTo(program: Command): void {
  const revoking: Pick<VerbText, 'examples'> = {
    examples: [
      [
        'deduction revoke d-007-5 --reason 证据不足 --dry-run',
        '...',
        said('Events        DeductionRevoked', '事件          DeductionRevoked'),
        '...',
        said(
          '  Balance           2 → 0 of 120 points in 2020',
          '  累计扣分          2020 年 2 → 0 / 120 分',
        ),
        '...',
      ],
    ],
  };
  const verb = addVerb(program, 'deduction', {
    summary: said('record acts on a deduction', '记录对扣分的处理'),
    ...revoking,
  });
  addAct(verb, {
    name: 'revoke <deduction>',
    command: 'RecordRevocation',
    idField: 'deductionId',
    summary: said('record that a deduction is revoked', '记录撤销扣分'),
    ...revoking,
    fields: [
      {
        flags: '--reason <text>',
        field: 'reason',
        required: true,
        about: said('the reason', '理由'),
      },
      {
        flags: '--decided-at <instant>',
        field: 'decidedAt',
        about: said('when it was decided (default: now)', '决定时间（默认：现在）'),
      },
    ],
  });
}
