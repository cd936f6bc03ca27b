/* Draws the statement from the data of the page, as text only: nothing in the data becomes markup. */
const statement = (() => {
  const svgSpace = 'http://www.w3.org/2000/svg';
  const both = (zh, en) => [zh, h('span', { class: 'en' }, ` ${en}`)];

  /** An element with attributes and what is in it. */
  function h(name, attributes = {}, ...within) {
    const isDrawn = ['svg', 'path', 'line', 'text', 'circle', 'title', 'g'].includes(name);
    const element = isDrawn ? document.createElementNS(svgSpace, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.append(...within.flat(2).filter((part) => part !== undefined && part !== null && part !== false));
    return element;
  }

  const word = (name) => (words[name] === undefined ? [name] : both(...words[name]));
  const term = (pair) => both(pair.zh, pair.en);

  const instantIn = (zone) => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
    return (instant) => format.format(new Date(instant));
  };
  const dayIn = (zone) => {
    const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' });
    return (instant) => format.format(new Date(instant));
  };

  /** 1 January 00:00 of a year in a zone, in milliseconds. */
  const startOfYear = (year, zone) => {
    const guess = Date.UTC(year, 0, 1);
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
      guess,
    );
    return guess - (Date.parse(`${shown.replace(' ', 'T')}Z`) - guess);
  };

  const colours = {
    points: 'var(--points)',
    notice: 'var(--soft)',
    appeal: 'var(--then)',
    decision: 'var(--good)',
    standing: 'var(--ink)',
  };
  const kindOf = (type) => {
    if (/^Deduction(Revoked|Adjusted|Reinstated)$|^AppealDecided$|^ExpulsionRevoked$/.test(type)) return 'decision';
    if (type.startsWith('Deduction')) return 'points';
    return type.startsWith('Appeal') ? 'appeal' : 'standing';
  };
  const legend = () =>
    h(
      'p',
      { class: 'legend' },
      Object.entries({
        points: ['扣分', 'deduction'],
        notice: ['通知送达', 'notice served'],
        appeal: ['申诉', 'appeal'],
        decision: ['裁定', 'decision'],
        standing: ['身份变动', 'standing'],
      }).map(([kind, pair]) =>
        h(
          'span',
          {},
          h('span', { style: `color:${colours[kind]}` }, kind === 'notice' ? '▲' : '●'),
          ' ',
          both(...pair),
        ),
      ),
    );

  /** Points over the time they were recorded in, with the threshold and the annual reset. */
  const drawing = ({ deductions, timeline, now, zone, period }) => {
    const [width, height, left, right, top, bottom] = [900, 320, 40, 16, 34, 34];
    const times = timeline.map(({ recordedAt }) => Date.parse(recordedAt));
    const resets = [Number(period), Number(period) + 1].map((year) => startOfYear(year, zone));
    const first = Math.min(...times, resets[0]);
    const last = Math.max(...times, Date.parse(now.effectiveAt), first + 86_400_000);
    const most = Math.max(now.threshold, ...timeline.map(({ balance }) => balance)) * 1.1;
    const x = (time) => left + ((time - first) / (last - first)) * (width - left - right);
    const y = (points) => height - bottom - (points / most) * (height - top - bottom);
    const level = (points, colour, label, dash = '4 4') => [
      h('line', {
        x1: left,
        x2: width - right,
        y1: y(points),
        y2: y(points),
        stroke: colour,
        'stroke-dasharray': dash,
      }),
      h('text', { x: left + 4, y: y(points) - 4 }, label),
    ];
    const tick = (points) => h('text', { x: left - 6, y: y(points) + 4, 'text-anchor': 'end' }, String(points));
    const upright = (time, label, labelAt) =>
      time < first || time > last
        ? []
        : [
            h('line', {
              x1: x(time),
              x2: x(time),
              y1: top,
              y2: height - bottom,
              stroke: '#5b6570',
              'stroke-dasharray': '2 3',
            }),
            x(time) > width - 160
              ? h('text', { x: x(time) - 4, y: labelAt, 'text-anchor': 'end' }, label)
              : h('text', { x: x(time) + 4, y: labelAt }, label),
          ];
    let path = `M${left} ${y(0)}`;
    for (const [at, { balance }] of timeline.entries()) path += ` H${x(times[at])} V${y(balance)}`;
    const day = dayIn(zone);
    const dots = timeline.map(({ about, balance, type }, at) => {
      const named = about?.deductionId ?? about?.appealId ?? '';
      const title = h('title', {}, `${day(times[at])} ${words[type]?.join(' ') ?? type} ${named}: ${balance}`);
      return h('circle', { cx: x(times[at]), cy: y(balance), r: 4, fill: colours[kindOf(type)] }, title);
    });
    const notices = deductions
      .filter(({ notifiedAt }) => notifiedAt !== undefined && Date.parse(notifiedAt) <= last)
      .map(({ deductionId, notifiedAt }) =>
        h(
          'path',
          { d: `M${x(Date.parse(notifiedAt))} ${height - bottom + 2} l-4 7 h8 z`, fill: colours.notice },
          h('title', {}, `${day(Date.parse(notifiedAt))} 通知送达 notice served ${deductionId}`),
        ),
      );
    const label = `${period} 年积分时间线 Timeline of the points of ${period}`;
    return h(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
      level(0, '#d5dae0', '', '0'),
      level(now.threshold, 'var(--points)', `清退线 threshold ${now.threshold}`),
      [0, now.threshold].map(tick),
      resets.map((time) => upright(time, '年度清零 reset', 12)),
      upright(Date.parse(now.effectiveAt), '所问时点 asked', 26),
      h('path', { d: `${path} H${width - right}`, fill: 'none', stroke: 'var(--points)', 'stroke-width': 2 }),
      notices,
      dots,
      [first, last].map((time, at) =>
        h(
          'text',
          { x: at === 0 ? left : width - right, y: height - 8, 'text-anchor': at === 0 ? 'start' : 'end' },
          day(time),
        ),
      ),
    );
  };

  const tableOf = (heads, rows) => {
    const cell = (name, part, right) =>
      h(name, right ? { class: 'number' } : {}, typeof part === 'number' ? String(part) : part);
    const isNumber = (at) => rows.some((row) => typeof row[at] === 'number');
    const table = h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head, at) => h('th', isNumber(at) ? { class: 'number' } : {}, head)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((part, at) => cell('td', part, isNumber(at))),
          ),
        ),
      ),
    );
    return h('div', { class: 'wide' }, table);
  };

  const figure = (zh, en, balance, instant) =>
    h(
      'div',
      { class: 'figure' },
      h('div', {}, both(zh, en)),
      balance === null
        ? h('p', {}, both('当时账本尚无该机构的记录', 'the ledger knew nothing of the agency'))
        : [
            h('strong', {}, String(balance.balance)),
            h('span', { class: 'soft' }, ` / ${balance.threshold}`),
            h('div', {}, word(balance.standing)),
            h('div', { class: 'soft' }, `${instant(balance.knownAt)}`),
          ],
    );

  /** Every deduction with what it counted then and counts now. */
  const lines = ({ now, then, deductions }, instant) => {
    const countIn = (balance, id) => {
      const line = balance?.lines.find(({ deductionId }) => deductionId === id);
      if (line !== undefined) return line.counts;
      const reason = balance?.notCounted.find(({ deductionId }) => deductionId === id)?.reason ?? 'not_yet_known';
      return word(reason);
    };
    const rows = deductions.map(({ deductionId, effectiveAt, points }) => [
      h('code', {}, deductionId),
      instant(effectiveAt),
      points,
      countIn(then, deductionId),
      countIn(now, deductionId),
    ]);
    const carried = [then, now].map((balance) => balance?.carriedOver ?? 0);
    if (carried.some((points) => points > 0)) rows.unshift([both('上年结转', 'carried over'), '', '', ...carried]);
    rows.push([h('strong', {}, both('合计', 'sum')), '', '', then?.balance ?? '—', now.balance]);
    return tableOf(
      [
        both('扣分', 'deduction'),
        both('生效', 'in effect from'),
        both('分值', 'points'),
        both('按当时所知', 'as known then'),
        both('按现在所知', 'as known now'),
      ],
      rows,
    );
  };

  const explained =
    ({ clauses }, disclosed, instant) =>
    (deduction) => {
      const {
        actor,
        appeals,
        basis,
        clause: id,
        corrections,
        decisions,
        deductionId,
        findings,
        noticeSha256,
      } = deduction;
      const clause = clauses.find((one) => one.clause === id && one.sha256 === deduction.rulebook?.sha256);
      const text = disclosed.find(({ id: event }) => event === deduction.eventId);
      const basisId = basis?.month ?? basis?.complaintId ?? basis?.sessionId;
      return h(
        'div',
        { class: 'deduction' },
        h('h3', {}, `${deductionId} · ${deduction.points}`),
        clause === undefined
          ? h('p', {}, h('code', {}, id))
          : [h('p', {}, term(clause.title)), h('p', { class: 'soft' }, clause.text.zh, h('br'), clause.text.en)],
        h(
          'p',
          {},
          both('依据规则', 'rulebook'),
          ' ',
          h('code', {}, `${deduction.rulebook?.id ?? ''} ${deduction.rulebook?.rulebookVersion ?? ''} § ${id}`),
        ),
        basis && h('p', {}, both('事实依据', 'rests on'), ' ', word(basis.kind), ' ', h('code', {}, basisId)),
        h(
          'p',
          {},
          both('违规', 'happened'),
          ` ${instant(deduction.occurredAt)} · `,
          both('生效', 'in effect'),
          ` ${instant(deduction.effectiveAt)} · `,
          both('记录', 'recorded'),
          ` ${instant(deduction.recordedAt)}`,
          ' · ',
          both('记录人', 'by'),
          ' ',
          h('code', {}, actor),
        ),
        deduction.notifiedAt && h('p', {}, both('送达', 'notice served'), ` ${instant(deduction.notifiedAt)}`),
        noticeSha256 && h('p', {}, both('通知文件', 'notice, SHA-256'), ' ', h('code', {}, noticeSha256)),
        text &&
          Object.values(text.personal).map((part) =>
            h('p', { class: 'text' }, typeof part === 'string' ? part : JSON.stringify(part)),
          ),
        corrections.map(({ recordedAt, revision }) =>
          h('p', {}, both('录入更正', 'our entry corrected'), ` ${instant(recordedAt)} (#${revision})`),
        ),
        decisions.map(({ actor: by, kind, points, recordedAt, revision }) =>
          h('p', {}, word(kind), ` → ${points} · ${instant(recordedAt)} (#${revision}) · `, h('code', {}, by)),
        ),
        appeals.map(({ appealId, kind, state }) =>
          h('p', {}, word(kind), ' ', h('code', {}, appealId), ' · ', word(state)),
        ),
        findings.length > 0 && h('p', {}, both('发现', 'findings'), ' ', h('code', {}, findings.join(', '))),
      );
    };

  const appealPart = ({ appeal }, instant) =>
    appeal && [
      h('h2', {}, both('申诉', 'Appeal'), ' ', h('code', {}, appeal.appealId)),
      h(
        'p',
        {},
        word(appeal.kind),
        ' · ',
        both('针对', 'against'),
        ' ',
        h('code', {}, appeal.deductionIds.join(', ') || 'expulsion'),
      ),
      h(
        'p',
        {},
        both('提起', 'initiated'),
        ` ${instant(appeal.initiatedAt)} · `,
        both('截止', 'at the latest before'),
        ` ${instant(appeal.initiateBy)}`,
      ),
      h(
        'p',
        {},
        both('举证截止', 'evidence before'),
        ` ${instant(appeal.evidenceBy)}`,
        appeal.evidenceSubmittedAt
          ? [' · ', both('已举证', 'submitted'), ` ${instant(appeal.evidenceSubmittedAt)}`]
          : [],
      ),
      h(
        'p',
        {},
        both('当时状态', 'state then'),
        ' ',
        word(appeal.then ?? 'not_yet_known'),
        ' · ',
        both('现在状态', 'state now'),
        ' ',
        word(appeal.now ?? 'not_yet_known'),
      ),
    ];

  /** The statement in an element. */
  const draw = (root, { checkpoint, computation, disclosed = [] }) => {
    const { agencyId, deductions, now, period, then, timeline, zone } = computation;
    const instant = instantIn(zone);
    const found = [...new Set([...(then?.findings ?? []), ...now.findings])];
    const assumed = [...new Set([...(then?.assumptions ?? []), ...now.assumptions])];
    const parts = [
      h('h1', {}, both('机构扣分证据声明', 'Statement of penalty points')),
      h(
        'p',
        {},
        both('机构', 'agency'),
        ' ',
        h('code', {}, agencyId),
        ' · ',
        both(`${period} 年度`, `points of ${period}`),
        ' · ',
        both('所问时点', 'as it stood'),
        ` ${instant(now.effectiveAt)} (${zone})`,
      ),
      h(
        'div',
        { class: 'figures' },
        figure('按当时所知', 'as known then', then, instant),
        figure('按现在所知', 'as known now', now, instant),
      ),
      ...(appealPart(computation, instant) || []),
      h('h2', {}, both('时间线', 'Timeline: what was reached, with what was known at each instant')),
      h('div', { class: 'wide' }, drawing(computation)),
      legend(),
      tableOf(
        [
          both('记录', 'recorded'),
          both('事件', 'event'),
          '',
          both('当时积分', 'points then'),
          both('状态', 'standing'),
        ],
        timeline.map(({ about, balance, recordedAt, revision, standing, type }) => [
          `${instant(recordedAt)} (#${revision})`,
          word(type),
          h('code', {}, about?.deductionId ?? about?.appealId ?? ''),
          balance,
          word(standing),
        ]),
      ),
      h('h2', {}, both('积分构成', 'What the points are made of')),
      lines(computation, instant),
      h('h2', {}, both('逐项说明', 'Each point explained')),
      ...deductions.map(explained(computation, disclosed, instant)),
      disclosed.length > 0 &&
        h(
          'p',
          { class: 'soft' },
          both(
            '黄底文字由出具方自行披露：账本只能证明当时封存过等长的文字。',
            'Texts on yellow are the issuer’s word: the ledger proves that a text of this length was sealed.',
          ),
        ),
      h('h2', {}, both('假设与发现', 'Assumptions and findings')),
      h(
        'p',
        {},
        both('未有依据、由本账本设定的参数', 'parameters no source answers, declared by the ledger'),
        ' ',
        h('code', {}, assumed.join(', ') || '—'),
      ),
      h(
        'p',
        {},
        both('与规则不符之处', 'departures from the rulebook'),
        ' ',
        found.length === 0 ? '—' : found.map((code) => [h('br'), h('code', {}, code), ' ', word(code)]),
      ),
      h(
        'p',
        {},
        both('适用规则', 'rulebook in force'),
        ' ',
        h('code', {}, `${now.rulebook.id} ${now.rulebook.rulebookVersion} ${now.rulebook.sha256}`),
      ),
      h('h2', {}, both('检查点', 'Checkpoint')),
      h('pre', {}, checkpoint),
    ];
    root.append(...parts.filter((part) => part !== false));
  };

  /** What came of a verification, step by step. */
  const report = ({ checks, holds }) => [
    h(
      'p',
      { class: holds ? 'holds' : 'fails' },
      holds ? both('全部成立', 'everything holds') : both('不成立', 'it does not hold'),
    ),
    h(
      'ol',
      {},
      checks.map(({ step, result, problem, message }) =>
        h(
          'li',
          { class: result },
          `${step}: ${result}${[problem, message].some(Boolean) ? ` (${[problem, message].filter(Boolean).join(': ')})` : ''}`,
        ),
      ),
    ),
  ];

  const verifying = () => {
    const [pack, key, held, out] = ['file', 'key', 'held', 'report'].map((id) => document.getElementById(id));
    const run = async () => {
      if (pack.files.length === 0 || key.value.trim() === '') return;
      out.replaceChildren(h('p', {}, '…'));
      try {
        const [zip, ...notes] = await Promise.all([...pack.files, ...held.files].map((file) => file.arrayBuffer()));
        const texts = notes.map((bytes) => new Uint8Array(bytes));
        const isReceipt = (bytes) => new TextDecoder().decode(bytes.subarray(0, 22)) === 'c2sp.org/tlog-proof@v1';
        const keys = key.value.trim().split(/\s+/);
        const result = await verifier.verify(
          new Uint8Array(zip),
          keys,
          texts.filter((one) => !isReceipt(one)),
          texts.filter(isReceipt),
        );
        out.replaceChildren(...report(result));
      } catch (error) {
        out.replaceChildren(h('p', { class: 'fails' }, String(error.problem ?? error)));
      }
    };
    for (const input of [pack, key, held]) input.addEventListener('change', () => void run());
  };

  return { draw, verifying };
})();
statement.draw(document.getElementById('statement'), JSON.parse(document.getElementById('pack').textContent));
statement.verifying();
