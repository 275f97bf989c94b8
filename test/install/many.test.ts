// Repeated runs of install.sh with changing options: on a healthy cluster it never fails, and the account's rights are exactly
// those of the last run. Eight runs, since each takes seconds; INSTALLS sets their number and SEED their options.
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { grants, mayEach } from '../support/installed.ts';
import { installing, type Place } from '../support/installing.ts';

let place: Place | undefined;
afterEach(() => place?.close());

const runs = Number(process.env['INSTALLS'] ?? 8);
/** Determines the options and their order; SEED changes it. */
const seed = Number(process.env['SEED'] ?? 20_261_128);

const options = fc.record({
  ha: fc.boolean(),
  secrets: fc.boolean(),
  events: fc.boolean(),
  namespaces: fc.boolean(),
  runtime: fc.constantFrom('auto', 'auto', 'none'),
  image: fc.constantFrom('cluster-insight:3.0.0', 'example.com/insight:2'),
});
type Options = typeof options extends fc.Arbitrary<infer T> ? T : never;

function flagsOf({ ha, secrets, events, namespaces, runtime, image }: Options): string[] {
  const flags = ['--image', image, ...(ha ? ['--ha'] : [])];
  if (namespaces) return [...flags, '--namespaces', 'shop'];
  return [...flags, '--runtime', runtime, ...(secrets ? ['--secrets'] : []), ...(events ? ['--events'] : [])];
}

test(
  `install.sh run ${runs} times in a row with changing options never fails, and leaves no right of an earlier run`,
  async () => {
    place = await installing(['containerd']);
    place.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    for (const asked of fc.sample(options, { numRuns: runs, seed })) {
      const flags = flagsOf(asked);
      const { status, stderr } = await place.run('install.sh', flags);
      expect([flags, status, stderr.match(/^error.*/m)?.[0]]).toEqual([flags, 0, undefined]);
      const wide = !asked.namespaces;
      const rights = [
        'list nodes',
        'list pods',
        'list secrets',
        'list events',
        'create tokenreviews.authentication.k8s.io',
      ];
      const found = await mayEach(place, rights);
      expect([flags, found]).toEqual([flags, [wide, wide, wide && asked.secrets, wide && asked.events, wide]]);
    }
    expect((await place.run('uninstall.sh', [])).status).toBe(0);
    expect(grants(place)).toEqual([]);
  },
  runs * 60_000,
);
