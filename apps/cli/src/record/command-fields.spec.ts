import { commandSchemas, readCommandLine } from '@penalty-ledger/ledger';
import { dataOf, fieldsOf, valueOf, type CommandField } from './command-fields.js';

const fieldOf = (command: keyof typeof commandSchemas, option: string): CommandField => {
  const field = fieldsOf(commandSchemas[command]).find((each) => each.option === option);
  if (field === undefined) throw new Error(`${command} has no ${option}`);
  return field;
};

/** Reads options of a command as its line. */
const lineOf = (command: keyof typeof commandSchemas, typed: Readonly<Record<string, string>>) => {
  const values = Object.entries(typed).map(([option, text]): [CommandField, unknown] => {
    const field = fieldOf(command, option);
    return [field, valueOf(field, text)];
  });
  return readCommandLine({ command, data: dataOf(new Map(values)) });
};

it('has an option of its own for each field, and none that the verb has', () => {
  const own = ['--by', '--yes', '--dry-run', '--mode', '--json', '--store', '--command-id'];
  for (const schema of Object.values(commandSchemas)) {
    const options = [...own, ...fieldsOf(schema).map(({ option }) => option)];
    expect(options.filter((option, place) => options.indexOf(option) !== place)).toEqual([]);
  }
});

it('says in Chinese what each field must be', () => {
  const english = Object.entries(commandSchemas).flatMap(([command, schema]) =>
    fieldsOf(schema)
      .filter(({ description: { en, zh } }) => en !== '' && en === zh && en !== 'UUID')
      .map(({ option, description }) => `${command} ${option}: ${description.zh}`),
  );
  expect(english).toEqual([]);
});

it('reads numbers, lists, members of objects and JSON', () => {
  const complaint = lineOf('FileComplaint', {
    '--complaint-id': 'k1',
    '--agency-id': 'a1',
    '--complainant.kind': 'consumer',
    '--complainant.id': 'u1',
    '--occurred-at': '2026-01-06T12:00:00+08:00',
    '--subject': '虚假宣传',
  });
  expect(complaint).toMatchObject({
    line: { dataAsSent: { complainant: { kind: 'consumer', id: 'u1' } } },
  });
  expect(
    lineOf('DecideAppeal', {
      '--appeal-id': 'ap1',
      '--outcome': 'partly_upheld',
      '--adjustments': '[{"deductionId":"d1","points":20}]',
      '--reason': 'x',
    }),
  ).toMatchObject({ line: { dataAsSent: { adjustments: [{ deductionId: 'd1', points: 20 }] } } });
  expect(lineOf('MergeComplaints', { '--into': 'k1', '--from': 'k2, k3' })).toMatchObject({
    line: { dataAsSent: { from: ['k2', 'k3'] } },
  });
});

it('a value of another form is refused in the words of the schema', () => {
  const more = { '--deduction-id': 'd1', '--reason': 'x' };
  for (const points of ['1.5', '1e3', '0x10', ' 4', '９', '99999999999999999'])
    expect(lineOf('RecordPartialRevocation', { ...more, '--points': points })).toMatchObject({
      problems: [{ en: expect.stringContaining('data.points: ') as string }],
    });
  const field = fieldOf('DecideAppeal', '--adjustments');
  expect(valueOf(field, '[{')).toBe('[{');
  expect(() => valueOf(field, '[{"points":1,"points":2}]')).toThrow(/--adjustments: .*points/);
});
