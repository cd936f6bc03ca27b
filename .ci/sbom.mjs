// The bill of materials (CycloneDX) of the packages that run, on standard output. npm's own
// `--omit=dev` leaves out also what tools and the ledger both use, as `commander`. Its bill has one
// component for all copies of a version, described as one of them: the lock says whether any runs.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const bill = JSON.parse(
  execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
);
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const development = 'cdx:npm:package:development';
const running = new Set(
  Object.entries(lock.packages)
    .filter(([path, { dev }]) => path.includes('node_modules/') && dev !== true)
    .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`),
);
const isOfTools = ({ properties = [] }) => properties.some(({ name }) => name === development);
const isRun = ({ purl }) => running.has(decodeURIComponent(purl.replace(/^pkg:npm\//, '')));

const components = bill.components.flatMap((each) => {
  if (!isOfTools(each)) return [each];
  const properties = each.properties.filter(({ name }) => name !== development);
  return isRun(each) ? [{ ...each, scope: 'required', properties }] : [];
});
const kept = new Set(components.map((each) => each['bom-ref']));
kept.add(bill.metadata.component['bom-ref']);
const dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
process.stdout.write(`${JSON.stringify({ ...bill, components, dependencies }, undefined, 2)}\n`);
