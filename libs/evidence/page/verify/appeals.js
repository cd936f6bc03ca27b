/** Returns the state of an appeal at an instant, by what was recorded until then. */
export const stateAt = ({ decided, evidence, evidenceBy, outOfTime, withdrawn }, at) => {
  const isKnown = (act) => act?.recordedAt <= at;
  if (isKnown(decided)) return decided.outcome;
  if (isKnown(withdrawn)) return 'withdrawn';
  if (outOfTime) return 'out_of_time';
  if (isKnown(evidence)) return 'evidence_submitted';
  return at >= evidenceBy ? 'lapsed' : 'initiated';
};

/** Says whether an appeal known at an instant that names the deduction waits for an act. */
export const isContestedAt = ({ appealIds }, { appeals }, at) =>
  appealIds
    .map((appealId) => appeals.get(appealId))
    .filter(({ recordedAt }) => recordedAt <= at)
    .some((appeal) => ['initiated', 'evidence_submitted'].includes(stateAt(appeal, at)));
