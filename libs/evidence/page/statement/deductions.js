import { both, code, h, p, word } from './elements.js';

const clausePart = ({ clause: id, rulebook }, clauses) => {
  const clause = clauses.find((one) => one.clause === id && one.sha256 === rulebook?.sha256);
  if (clause === undefined) return p(code(id));
  const { text, title } = clause;
  return [p(both(title.zh, title.en)), h('p', { class: 'soft' }, text.zh, h('br'), text.en)];
};

const basisPart = (basis) => {
  if (basis === undefined) return [];
  const { complaintId, kind, month, sessionId } = basis;
  const id = code(month ?? complaintId ?? sessionId);
  return p(both('事实依据', 'rests on'), ' ', word(kind), ' ', id);
};

const instantsPart = ({ actor, effectiveAt, occurredAt, recordedAt }, instant) =>
  p(
    both('违规', 'happened'),
    ` ${instant(occurredAt)} · `,
    both('生效', 'in effect'),
    ` ${instant(effectiveAt)} · `,
    both('记录', 'recorded'),
    ` ${instant(recordedAt)} · `,
    both('记录人', 'by'),
    ' ',
    code(actor),
  );

const disclosedPart = ({ eventId }, disclosed) =>
  disclosed.filter(({ id }) => id === eventId).map(({ value }) => h('p', { class: 'text' }, value));

/** Returns a function that explains a deduction: its clause, its basis, what became of it. */
export const explained =
  ({ clauses }, disclosed, instant) =>
  (deduction) => {
    const { appeals, clause, corrections, decisions, deductionId, findings, points } = deduction;
    const { basis, noticeSha256, notifiedAt, rulebook } = deduction;
    const cited = `${rulebook?.id ?? ''} ${rulebook?.rulebookVersion ?? ''} § ${clause}`;
    return h(
      'div',
      { class: 'deduction' },
      h('h3', {}, `${deductionId} · ${points}`),
      clausePart(deduction, clauses),
      p(both('依据规则', 'rulebook'), ' ', code(cited)),
      basisPart(basis),
      instantsPart(deduction, instant),
      notifiedAt && p(both('送达', 'notice served'), ` ${instant(notifiedAt)}`),
      noticeSha256 && p(both('通知文件', 'notice, SHA-256'), ' ', code(noticeSha256)),
      disclosedPart(deduction, disclosed),
      corrections.map(({ recordedAt, revision }) =>
        p(both('录入更正', 'our entry corrected'), ` ${instant(recordedAt)} (#${revision})`),
      ),
      decisions.map(({ actor, kind, points: counts, recordedAt, revision }) =>
        p(word(kind), ` → ${counts} · ${instant(recordedAt)} (#${revision}) · `, code(actor)),
      ),
      appeals.map(({ appealId, kind, state }) =>
        p(word(kind), ' ', code(appealId), ' · ', word(state)),
      ),
      findings.length > 0 && p(both('发现', 'findings'), ' ', code(findings.join(', '))),
    );
  };
