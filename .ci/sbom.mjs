// The bill of materials (CycloneDX) of the packages that run, on standard output. npm's own
// `--omit=dev` leaves out also what tools and the ledger both use, as `commander`.
import { execFileSync } from 'node:child_process';

const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const bill = JSON.parse(
  execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
);
const isOfTools = ({ properties = [] }) =>
  properties.some(({ name }) => name === 'cdx:npm:package:development');

const components = bill.components.filter((each) => !isOfTools(each));
const kept = new Set(components.map((each) => each['bom-ref']));
kept.add(bill.metadata.component['bom-ref']);
const dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
process.stdout.write(`${JSON.stringify({ ...bill, components, dependencies }, undefined, 2)}\n`);
