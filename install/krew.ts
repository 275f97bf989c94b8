// The krew manifest of `kubectl insight`: `node install/krew.ts cluster-insight-3.0.0.tgz URL-OF-IT [HOMEPAGE] >
// insight.yaml`. https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ Node.js is not included: the command
// reports if it is missing.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import packageJson from '../package.json' with { type: 'json' };

export function krewManifest(archive: Uint8Array, uri: string, homepage = new URL('.', uri).href): string {
  const platform = {
    // All platforms of Node.js: nothing is compiled.
    selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['linux', 'darwin', 'windows'] }] },
    uri,
    sha256: createHash('sha256').update(archive).digest('hex'),
    files: [{ from: 'package', to: '.' }],
    bin: 'package/cli/kubectl-insight.js',
  };
  return stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'insight' },
    spec: {
      version: `v${packageJson.version}`,
      homepage,
      shortDescription: 'The cluster as a graph: what depends on what',
      description:
        'Shows what is connected to what in a cluster, and which field says so: trees, impact, paths, differences, history.\nIt asks a master of Cluster Insight where one runs, and reads the cluster itself where none does, or files.\n',
      caveats: 'It needs Node.js 24 or later on the PATH.\n',
      platforms: [platform],
    },
  });
}

if (import.meta.main) {
  const [archive, uri, homepage] = process.argv.slice(2);
  if (archive === undefined || uri === undefined || !uri.startsWith('https://')) {
    process.stderr.write(
      'node install/krew.ts ARCHIVE URL: the archive that npm run pack made, and the https URL it will have\n',
    );
    process.exit(2);
  }
  process.stdout.write(krewManifest(readFileSync(archive), uri, homepage));
}
