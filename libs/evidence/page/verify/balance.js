import { isContestedAt } from './appeals.js';
import { byText } from './forms.js';
import { must } from './problem.js';
import { inForceAt } from './rulebooks.js';

// How things stood at E as known at K: evidence-pack.md, "How they are computed".

const lastAt = (list, at) => list.findLast(({ recordedAt }) => recordedAt <= at);

/** Returns the values of the last correction known at an instant, else those imposed. */
export const valuesAt = (deduction, at) =>
  lastAt(deduction.corrections, at)?.values ?? deduction.imposed;

export const pointsAt = (deduction, at) =>
  lastAt(deduction.decisions, at)?.points ?? valuesAt(deduction, at).points;

const episodeAt = ({ admissions }, effectiveAt, knownAt) =>
  admissions.filter((fact) => fact.recordedAt <= knownAt && fact.effectiveAt <= effectiveAt).length;

/** Returns every deduction known, with what it counts and why it does not. */
const linesAt = (history, { effectiveAt, knownAt, period, account }) => {
  const episode = episodeAt(history, effectiveAt, knownAt);
  const isOfEpisode = (values) =>
    episode > 0 && episodeAt(history, values.effectiveAt, knownAt) === episode;
  const reasonOf = (values, counts) => {
    if (counts === 0) return 'revoked';
    if (values.effectiveAt > effectiveAt) return 'scheduled';
    if (!isOfEpisode(values)) return 'other_episode';
    if (values.period !== period) return 'cleared_by_reset';
    return values.account === account.id ? undefined : 'other_account';
  };
  return [...history.deductions.values()]
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .map((deduction) => {
      const [values, counts] = [valuesAt(deduction, knownAt), pointsAt(deduction, knownAt)];
      const { deductionId } = deduction;
      return { deduction, deductionId, values, counts, reason: reasonOf(values, counts) };
    });
};

const newPointsAt = (history, question) =>
  linesAt(history, question)
    .filter(({ reason }) => reason === undefined)
    .reduce((sum, { counts }) => sum + counts, 0);

const carriedAt = (history, question) => {
  const { carryOver } = question.account;
  if (carryOver === null) return 0;
  const period = String(Number(question.period) - 1);
  return newPointsAt(history, { ...question, period }) >= carryOver.atLeast ? carryOver.as : 0;
};

export const sumAt = (history, question) =>
  carriedAt(history, question) + newPointsAt(history, question);

export const standingAt = (history, effectiveAt, knownAt) => {
  const episode = episodeAt(history, effectiveAt, knownAt);
  if (episode === 0) return { standing: 'not_admitted', episode };
  const holds = (fact) =>
    fact.episode === episode && fact.recordedAt <= knownAt && fact.effectiveAt <= effectiveAt;
  const isRevoked = ({ revoked }) => revoked?.recordedAt <= knownAt;
  const expulsion = history.expulsions.findLast((one) => holds(one) && !isRevoked(one));
  if (expulsion !== undefined) return { standing: 'expelled', episode, expulsion };
  if (history.exits.some(holds)) return { standing: 'exited', episode };
  const hasEnded = ({ ended }) => ended?.recordedAt <= knownAt && ended.endedAt <= effectiveAt;
  const pending = history.pendings.find((one) => holds(one) && !hasEnded(one));
  return pending === undefined
    ? { standing: 'active', episode }
    : { standing: 'pending_expulsion', episode, pending };
};

/** Returns the codes of findings known that touch a balance, each once. */
const findingsAt = (history, { knownAt, period }, { expulsion: holding, pending }) => {
  const { appeals, deductions, expulsions, observations, readmissions } = history;
  const periods = new Set([period, pending?.period, holding?.period]);
  const isOfPeriod = (one) => one !== undefined && periods.has(one.period);
  const touches = (id) => deductions.has(id) && isOfPeriod(valuesAt(deductions.get(id), knownAt));
  const isAppealOfPeriod = ({ deductionIds, expulsion }) =>
    (expulsion !== undefined && isOfPeriod(expulsions[expulsion])) || deductionIds.some(touches);
  const sources = [
    ...[...deductions.values()]
      .filter(({ deductionId }) => touches(deductionId))
      .flatMap((deduction) => [deduction, ...deduction.decisions]),
    ...[...appeals.values()]
      .filter(isAppealOfPeriod)
      .flatMap((appeal) => (appeal.decided === undefined ? [appeal] : [appeal, appeal.decided])),
    ...expulsions
      .filter(isOfPeriod)
      .flatMap((one) => (one.revoked === undefined ? [one] : [one, one.revoked])),
    ...readmissions,
    ...observations.filter(isOfPeriod),
  ];
  const codes = sources
    .filter(({ recordedAt }) => recordedAt <= knownAt)
    .sort((a, b) => byText(a.recordedAt, b.recordedAt))
    .flatMap(({ findings }) => findings);
  return [...new Set(codes)];
};

/** Returns the parameters that the rulebook assumes and the balance depends on. */
const assumptionsOf = ({ parameters }, { id, scale, expels, nodes }, { expulsion, pending }) =>
  [
    ...[
      'attribution',
      ...(pending ? ['lastChanceDays'] : []),
      ...(expulsion ? ['banDays', 'banCount'] : []),
    ].map((name) => [name, parameters[name]]),
    ...['start', 'cap', 'reset'].map((name) => [`${id}.${name}`, scale?.[name]]),
    [`${id}.expels`, expels],
    ...nodes.map(({ points, termDays }) => [`${id}.${points}.termDays`, termDays]),
  ]
    .filter(([, parameter]) => parameter?.assumed)
    .map(([name, { value }]) => `${name}=${value}`);

const expulsionOf = (history, expulsion, knownAt) => {
  if (expulsion === undefined) return null;
  const { account, effectiveAt, period, reentryFrom, threshold } = expulsion;
  const reached = sumAt(history, { effectiveAt, knownAt, period, account });
  return { effectiveAt, reentryFrom, supported: reached >= threshold };
};

const pendingOf = (pending) => {
  if (pending === undefined) return null;
  const { closesAt, effectiveAt: openedAt, period } = pending;
  return { closesAt, openedAt, period };
};

/** Returns the balance of computation.json. */
export const balanceAt = (history, register, { account: id, effectiveAt, period }, knownAt) => {
  const { document, reference } = inForceAt(register, effectiveAt, knownAt);
  const account = document.accounts.find((one) => one.id === id);
  must(account !== undefined, 'computation_events', 'no such account');
  const question = { effectiveAt, knownAt, period, account };
  const carriedOver = carriedAt(history, question);
  const lines = linesAt(history, question).sort(
    (a, b) =>
      byText(a.values.effectiveAt, b.values.effectiveAt) || byText(a.deductionId, b.deductionId),
  );
  let running = carriedOver;
  const counted = lines
    .filter(({ reason }) => reason === undefined)
    .map(({ counts, deductionId, values }) => {
      running += counts;
      return {
        counts,
        deductionId,
        effectiveAt: values.effectiveAt,
        points: values.points,
        running,
      };
    });
  const contested = lines
    .filter(({ reason }) => reason === undefined)
    .filter(({ deduction }) => isContestedAt(deduction, history, knownAt))
    .reduce((sum, { counts }) => sum + counts, 0);
  const standing = standingAt(history, effectiveAt, knownAt);
  return {
    account: id,
    assumptions: assumptionsOf(document, account, standing),
    balance: running,
    carriedOver,
    contested,
    effectiveAt,
    episode: standing.episode,
    expulsion: expulsionOf(history, standing.expulsion, knownAt),
    findings: findingsAt(history, question, standing),
    ifUpheld: running - contested,
    knownAt,
    lines: counted,
    nodesReached: account.nodes.map(({ points }) => points).filter((points) => points <= running),
    notCounted: lines
      .filter(({ reason }) => reason !== undefined)
      .map(({ deductionId, reason }) => ({ deductionId, reason })),
    pending: pendingOf(standing.pending),
    rulebook: reference,
    standing: standing.standing,
    threshold: account.threshold,
  };
};
