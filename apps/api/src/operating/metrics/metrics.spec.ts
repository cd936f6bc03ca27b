import { instantOf } from '@penalty-ledger/ledger';
import { Metrics, type MetricSources } from './metrics.js';

const checkedAt = instantOf(1_767_225_600_000);
const sources: MetricSources = {
  readModelLagEvents: () => 3,
  readModelsScrub: () => ({ pagesChecked: 40, lastPass: checkedAt, rebuilds: 1 }),
  queueDepths: () => ({ commands: 2, access_log: 0 }),
  damagedStreams: () => 1,
  isWriter: () => true,
  lastCheck: (kind) =>
    kind === 'replay' ? { at: checkedAt, holds: true, events: 1_000, seconds: 2 } : undefined,
  tripwireAlarms: () => ({ events_expire: 2 }),
  certificateExpiresAt: () => '2027-03-01T12:00:00.000Z',
  accessCopyLag: () => 3,
  followerLags: () => Promise.resolve([12, 4]),
};

/** The samples, without the comments and without the buckets. */
async function samplesOf(metrics: Metrics): Promise<string[]> {
  return (await metrics.metricsText())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.includes('_bucket'));
}

it('answers in the text format of Prometheus, with a sentence for each metric', async () => {
  const metrics = new Metrics(sources);
  metrics.answered({
    method: 'GET',
    route: '/agencies/:agencyId/balance',
    status: 200,
    seconds: 0.25,
  });
  metrics.committed({ appends: 4, events: 9, seconds: 0.5 });
  await metrics.timeCommands(8, () => Promise.resolve());
  const text = await metrics.metricsText();
  expect(metrics.contentType).toContain('text/plain');
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm))
    expect(text).toMatch(new RegExp(`^# HELP ${name!} .+\\.$`, 'm'));
  const labels = 'method="GET",route="/agencies/:agencyId/balance",status="200"';
  expect(await samplesOf(metrics)).toEqual([
    expect.stringMatching(/^penalty_ledger_command_seconds_sum 0(\.\d+)?/) as string,
    'penalty_ledger_command_seconds_count 1',
    'penalty_ledger_commands_together_sum 8',
    'penalty_ledger_commands_together_count 1',
    'penalty_ledger_append_seconds_sum 0.5',
    'penalty_ledger_append_seconds_count 1',
    'penalty_ledger_append_group_size_sum 4',
    'penalty_ledger_append_group_size_count 1',
    'penalty_ledger_appended_events_total 9',
    `penalty_ledger_http_request_seconds_sum{${labels}} 0.25`,
    `penalty_ledger_http_request_seconds_count{${labels}} 1`,
    'penalty_ledger_check_timestamp_seconds{check="replay",verdict="intact"} 1767225600',
    'penalty_ledger_check_events{check="replay"} 1000',
    'penalty_ledger_check_events_per_second{check="replay"} 500',
    'penalty_ledger_tripwire_alarms{code="events_expire"} 2',
    'penalty_ledger_damaged_streams 1',
    'penalty_ledger_read_model_lag_events 3',
    'penalty_ledger_read_model_pages_checked 40',
    'penalty_ledger_read_model_scrub_timestamp_seconds 1767225600',
    'penalty_ledger_read_model_rebuilds 1',
    'penalty_ledger_queue_depth{queue="commands"} 2',
    'penalty_ledger_queue_depth{queue="access_log"} 0',
    'penalty_ledger_is_writer 1',
    'penalty_ledger_certificate_expiry_timestamp_seconds 1803902400',
    'penalty_ledger_access_log_copy_lag_entries 3',
    'penalty_ledger_followers 2',
    'penalty_ledger_follower_lag_events{copy="nearest"} 4',
    'penalty_ledger_follower_lag_events{copy="furthest"} 12',
  ]);
});

it('measures commands that fail, and lets it fail', async () => {
  const metrics = new Metrics(sources);
  await expect(
    metrics.timeCommands(1, () => Promise.reject(new Error('disk full'))),
  ).rejects.toThrow('disk full');
  expect(await samplesOf(metrics)).toContain('penalty_ledger_command_seconds_count 1');
});

it('odd methods and addresses without a route are counted in one series', async () => {
  const metrics = new Metrics(sources);
  for (const method of ['PROPFIND', 'X1', 'X2'])
    metrics.answered({ method, route: undefined, status: 404, seconds: 0 });
  const counts = (await samplesOf(metrics)).filter((line) =>
    line.includes('request_seconds_count'),
  );
  expect(counts).toEqual([
    'penalty_ledger_http_request_seconds_count{method="other",route="none",status="404"} 3',
  ]);
});

it('a source that fails takes no other metric with it', async () => {
  const fails = (): never => {
    throw new Error('the store is closed');
  };
  const samples = await samplesOf(
    new Metrics({
      readModelLagEvents: fails,
      readModelsScrub: fails,
      queueDepths: fails,
      damagedStreams: fails,
      isWriter: fails,
      lastCheck: fails,
      tripwireAlarms: fails,
      certificateExpiresAt: fails,
      accessCopyLag: fails,
      followerLags: fails,
    }),
  );
  expect(samples).toContain('penalty_ledger_read_model_lag_events Nan');
  expect(samples).toContain('penalty_ledger_appended_events_total 0');
});

it('two services in one process do not share a registry', async () => {
  const [one, other] = [new Metrics(sources), new Metrics(sources)];
  one.committed({ appends: 1, events: 5, seconds: 1 });
  expect(await samplesOf(other)).toContain('penalty_ledger_appended_events_total 0');
});
