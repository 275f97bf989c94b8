// The command as users run it: against a master, a cluster, and files. Each kind of source is asked by a process once, which has to end
// by itself; other questions are asked in this process.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../cli/commands/index.ts';
import { answeredForms } from '../../cli/forms.ts';
import { views } from '../../master/views/index.ts';
import { createDemoCluster } from '../../src/demo/cluster.ts';
import { insightHere } from '../support/command-here.ts';
import { type Ended, executable, folderOf, insight, path, started } from '../support/command-line.ts';
import { type DemoMaster, install, startDemoMaster } from '../support/demo-master.ts';
import { ask } from '../support/http.ts';
import { root } from '../support/source-tree.ts';

let demo: DemoMaster;

beforeAll(async () => {
  demo = await startDemoMaster();
});

afterAll(() => demo.close());

/** One line that begins with `error:`, and no standard output. */
function refusal(status: number, words: RegExp): Ended {
  const line = new RegExp(`^error: [^\\n]*(?:${words.source})[^\\n]*\\n$`, words.flags);
  return { status, out: '', err: expect.stringMatching(line) as string };
}

const asked = (...args: string[]) => insightHere([...args, '--server', demo.url]);

describe('a master at a URL', () => {
  test('is asked for a tree, with the relation and the field of each step', async () => {
    const args = ['tree', 'svc', 'frontend', '-n', 'shop', '--depth', '1'];
    const { status, out } = await insight([...args, '--server', demo.url]);
    expect(status).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^RESOURCE +RELATION +FIELD/);
    expect(out).toMatch(/^Service:shop\/frontend +Ready$/m);
    expect(out).toMatch(/^[├└]─ Pod:shop\/frontend-\S+ +loadBalances +endpoints\[\d\]\.targetRef +Running$/m);
  });

  test('is asked for what depends on a resource', async () => {
    const { status, out } = await asked('impact', 'cm/front-config', '-n', 'shop');
    expect(status).toBe(0);
    expect(out).toMatch(/─ Deployment:shop\/frontend +← uses +spec\.template\.spec\./);
    expect(out).toMatch(/─ Service:shop\/frontend +← loadBalances +spec\.selector/);
  });

  test('is asked for what connects two resources', async () => {
    const { status, out } = await asked(
      'path',
      'svc/frontend',
      'cm/front-config',
      '-n',
      'shop',
      '--relation',
      '!contains',
    );
    expect(status).toBe(0);
    expect(out).toMatch(/^Service:shop\/frontend +Ready$/m);
    expect(out).toMatch(/ConfigMap:shop\/front-config +uses/);
  });

  test('names one resource by a kubectl name, by an id, and with its relations', async () => {
    const [one, other] = await Promise.all([
      asked('get', 'po/redis-0', '-n', 'shop'),
      asked('get', 'Pod:shop/redis-0'),
    ]);
    expect(one.status).toBe(0);
    expect(one.out).toBe(other.out);
    expect(one.out).toMatch(/^Pod:shop\/redis-0 +Running$/m);
    expect(one.out).toMatch(/^← +monitors +StatefulSet:shop\/redis +metadata\.ownerReferences\[0\] +Ready$/m);
    expect(one.out).toMatch(/^→ +contains +Container:shop\/redis-0\/redis +spec\.containers\[0\] +Running$/m);
  });

  test('lists by type, namespace and labels as kubectl does', async () => {
    const all = await asked('get', 'pods,svc', '-A', '-o', 'name');
    const shop = await asked('get', 'pods,svc', '-n', 'shop', '-o', 'name');
    const frontend = await asked('get', 'pods', '-n', 'shop', '-l', 'app in (frontend)', '-o', 'name');
    expect(all.out).toContain('Pod:kube-system/');
    expect(shop.out.split('\n').filter((id) => id && !/^(Pod|Service):shop\//.test(id))).toEqual([]);
    expect(frontend.out.split('\n').filter(Boolean)).toHaveLength(3);
    expect((await asked('get', 'nodes', '-o', 'wide')).out).toMatch(/^Node +node-a/m);
  });

  test('says where a resource is that is not where it was looked for', async () => {
    expect(await asked('tree', 'pod/redis-0')).toEqual(
      refusal(1, /no Pod redis-0 in namespace default; there is Pod:shop\/redis-0/),
    );
    expect(await asked('get', 'pod/nothing', '-n', 'shop')).toEqual(refusal(1, /no Pod nothing in namespace shop$/m));
    expect(await asked('get', 'Pod:shop/nothing')).toEqual(refusal(1, /There is no Pod/));
    const nothing = { status: 0, out: '', err: 'no pods found in namespace empty, which does not exist\n' };
    expect(await asked('get', 'pods', '-n', 'empty')).toEqual(nothing);
    expect(await asked('tree', 'nokind/x')).toEqual(refusal(1, /nokind/));
  });

  test('hands on what it answers in every form, byte for byte', async () => {
    expect(answeredForms).toEqual(['json', 'ndjson', ...views.map(({ name }) => name)]);
    for (const form of answeredForms) {
      const { status, out } = await asked('get', 'deploy,svc', '-n', 'shop', '-o', form);
      const answer = await ask(`${demo.url}/cluster?type=Deployment,Service&namespace=shop&format=${form}`);
      expect(status, form).toBe(0);
      expect(out, form).toBe(answer.text);
    }
  });

  test('is not taken for a file if it is none, or does not exist', async () => {
    expect(await insightHere(['get', 'pods', '--server', demo.cluster.server.url])).toEqual(refusal(3, /answers 404/));
    expect(await insight(['get', 'pods', '--server', 'http://127.0.0.1:1'])).toEqual(refusal(3, /cannot be reached/));
    expect(await insightHere(['get', 'pods', '--server', 'localhost'])).toEqual(
      refusal(2, /give a URL, such as http:/),
    );
  });
});

describe('a master that wants a token', () => {
  test('gets it from a file, and a refusal says how to give one', async () => {
    const folder = folderOf({ tokens: 'secret-of-ours\n' });
    const guarded = await startDemoMaster('--auth', 'token', '--auth-tokens-file', join(folder, 'tokens'));
    try {
      const get = ['get', 'nodes', '-o', 'name', '--server', guarded.url];
      expect(await insightHere(get)).toEqual(refusal(3, /401.*--token-file/));
      const { status, out } = await insight([...get, '--token-file', join(folder, 'tokens')]);
      expect({ status, out }).toMatchObject({ status: 0, out: expect.stringContaining('Node:node-a') as string });
    } finally {
      await guarded.close();
    }
  });
});

describe('the cluster of the kubeconfig', () => {
  const args = ['get', 'deploy,svc', '-n', 'shop', '-o', 'name'];

  test('is read from here where no master runs in it, and how long that took is said unless it was asked for', async () => {
    const { status, out, err } = await insight(args, { env: { KUBECONFIG: demo.kubeconfig } });
    const line =
      /^no master of Cluster Insight was found: the cluster was read from here, in \d+\.\d s \(--direct .*\)\n$/;
    expect({ status, err }).toEqual({ status: 0, err: expect.stringMatching(line) as string });
    const direct = await insightHere([...args, '--direct'], { env: { KUBECONFIG: demo.kubeconfig } });
    expect(direct).toEqual({ status: 0, out, err: '' });
    expect(out).toBe((await asked(...args)).out);
  });

  test('is asked through its master where one runs, by the proxy of the API server', async () => {
    install(demo);
    const listed = () => demo.cluster.server.requests.count('list pods');
    const before = listed();
    const { status, out } = await insight([...args, '--kubeconfig', demo.kubeconfig, '--context', 'demo']);
    expect(status).toBe(0);
    expect(out).toBe((await asked(...args)).out);
    expect(listed()).toBe(before);
    const direct = await insightHere([...args, '--kubeconfig', demo.kubeconfig, '--direct']);
    expect(direct.out).toBe(out);
  });

  test('is read as far as the user may, and says what was left out', async () => {
    const rule = { verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'], namespaces: ['shop'] };
    const paths = { verbs: ['get'], nonResourceURLs: ['*'] };
    const cluster = createDemoCluster({ users: [{ username: 'limited', token: 'limited', rules: [rule, paths] }] });
    await cluster.start();
    try {
      const config = JSON.stringify(cluster.server.kubeconfig({ token: 'limited' }));
      const impact = ['impact', 'cm/front-config', '-n', 'shop', '-o', 'name', '--kubeconfig'];
      const { status, out, err } = await insightHere([...impact, join(folderOf({ config }), 'config')]);
      expect(status).toBe(0);
      expect(out).toContain('Deployment:shop/frontend\n');
      expect(out).not.toContain(':web/');
      expect(err).toMatch(/^this user may not read every namespace: only shop is read/);
      expect(err).toMatch(/^not complete: \d+ kinds \(Node, Namespace, .*forbidden.*\) may not be read; -n NAMESPACE/m);
      const nodes = await insightHere(['get', 'nodes', '--kubeconfig', join(folderOf({ config }), 'config')]);
      expect(nodes).toMatchObject({ status: 3, out: '' });
      expect(nodes.err).toMatch(/^error: Forbidden: Node cannot be listed: nodes is forbidden: User "limited"/m);
    } finally {
      await cluster.close();
    }
  });

  test('is asked about what comes from other namespaces though a name is in one', async () => {
    const impact = ['impact', 'cm/front-config', '-n', 'shop', '-o', 'name'];
    const { out } = await insightHere([...impact, '--direct', '--kubeconfig', demo.kubeconfig]);
    expect(out).toContain('HTTPRoute.gateway.networking.k8s.io:web/');
    expect(out).toBe((await asked(...impact)).out);
  });

  test('is not guessed: no kubeconfig, a context that is not there, a server that does not answer', async () => {
    expect(await insightHere(args)).toEqual(refusal(3, /--kubeconfig, --server .* -f/));
    expect(await insightHere([...args, '--kubeconfig', demo.kubeconfig, '--context', 'none'])).toEqual(
      refusal(3, /none/),
    );
    const cluster = {
      clusters: [{ name: 'a', cluster: { server: 'http://127.0.0.1:1' } }],
      contexts: [{ name: 'a', context: { cluster: 'a' } }],
    };
    const folder = folderOf({ config: JSON.stringify({ ...cluster, 'current-context': 'a' }) });
    expect(await insightHere([...args, '--kubeconfig', join(folder, 'config')])).toEqual(
      refusal(3, /127\.0\.0\.1:1 cannot be reached/),
    );
  });
});

describe('as with kubectl', () => {
  test('several names may be joined by commas, and `all` is what it is there', async () => {
    const { out } = await asked('get', 'pod/redis-0,svc/redis', '-n', 'shop');
    expect(out).toMatch(/^Pod:shop\/redis-0 .*\n(.*\n)+Service:shop\/redis /);
    const all = await asked('get', 'all', '-n', 'shop', '--no-headers');
    const types = new Set(
      all.out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/)[1]),
    );
    expect([...types]).toEqual(expect.arrayContaining(['Pod', 'Service', 'Deployment', 'ReplicaSet', 'Job']));
    expect(types).not.toContain('TYPE');
    expect(types).not.toContain('ConfigMap');
  });

  test('--version says which one it is', async () => {
    expect(await insight(['--version'])).toEqual({
      status: 0,
      err: '',
      out: expect.stringMatching(/^cluster-insight \d/) as string,
    });
  });

  test.each([
    [['-f', 'x.yaml'], /files do not change/],
    [['-o', 'json'], /writes a table/],
    [['--at', '-5m'], /the past does not change/],
  ])('-w with %j is refused', async (more, words) => {
    expect(await insightHere(['get', 'pods', '-w', ...more])).toEqual(refusal(2, words));
  });

  test('-w continues with changes', async () => {
    const child = spawn(process.execPath, [executable, 'get', 'pods', '-A', '-w', '--server', demo.url], {
      env: { PATH: path },
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    try {
      await expect.poll(() => out, { timeout: 20_000 }).toContain('redis-0');
      const listed = out.length;
      demo.cluster.server.patch(
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'redis-0', namespace: 'shop' } },
        { metadata: { labels: { seen: 'yes' } } },
      );
      await expect.poll(() => out.slice(listed), { timeout: 20_000 }).toMatch(/^shop +Pod +redis-0 .*Running/m);
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
});

describe('a saved graph', () => {
  test.each(['json', 'ndjson', 'dot', 'gexf', 'graphml'])('as %s is asked as the master was', async (form) => {
    const answer = await ask(`${demo.url}/cluster?namespace=shop&format=${form}`);
    const file = join(folderOf({ saved: answer.text }), 'saved');
    const question = ['impact', 'cm/front-config', '-n', 'shop'];
    const [live, saved] = [await asked(...question), await insightHere([...question, '-f', file])];
    expect(saved).toMatchObject({ status: 0, err: '' });
    // The saved drawing lacks what is outside of the namespace, and DOT does not say which end a field belongs to. Columns are as
    // wide as their contents.
    const stepsOf = ({ out }: Ended) => out.split('\n').map((line) => line.replaceAll(/[│├└─ ]+/g, ' '));
    if (form !== 'dot') expect(stepsOf(live)).toEqual(expect.arrayContaining(stepsOf(saved)));
    expect(saved.out).toMatch(/Deployment:shop\/frontend +← uses/);
  });
});

describe('files', () => {
  const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - name: web
          image: web:1
          env: [{ name: PASSWORD, value: hunter2 }]
          envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: keys } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: other }
data: { a: b }
`;

  test('say what is missing if its kind is in the files, and that it is unknown otherwise', async () => {
    const folder = folderOf({ 'web.yaml': manifests });
    const { status, out } = await insightHere(['tree', 'deploy/web', '-n', 'shop', '-f', folder]);
    expect(status).toBe(0);
    expect(out).toMatch(
      /ConfigMap:shop\/settings +uses +spec\.template\.spec\.containers\[0\]\.envFrom\[0\]\.configMapRef +missing/,
    );
    expect(out).toMatch(/Secret:shop\/keys +uses +\S+ +unverified/);
  });

  test('come from standard input too, and answer the same every time', async () => {
    const folder = folderOf({ 'web.yaml': manifests });
    const piped = await insight(['get', '-o', 'name', '-f', '-'], { input: manifests });
    expect(piped.out).toContain('Deployment:default/web\n');
    const read = ['get', '-o', 'json', '-f', join(folder, 'web.yaml')];
    const [once, again] = await Promise.all([insightHere(read), insightHere(read)]);
    expect(once.status).toBe(0);
    expect(once.out).toBe(again.out);
    expect(JSON.parse(once.out)).toMatchObject({ success: true });
    expect(once.out).not.toContain('hunter2');
  });

  test('in a folder that are no manifests cost themselves; a file that is named has to be one', async () => {
    const folder = folderOf({
      'web.yaml': manifests,
      'chart.yaml': 'a: {{ .Values.a }}\nb: [',
      'values.yaml': 'a: 1\n',
      'notes.txt': '{',
    });
    const { status, out, err } = await insightHere(['get', 'deploy', '-f', folder]);
    expect(status).toBe(0);
    expect(out).toContain('web');
    expect(err).toMatch(/it looks like a Helm template: .* \(1\): \S+chart\.yaml:2$/m);
    expect(err).toMatch(/no apiVersion and kind \(1\): \S+values\.yaml:1$/m);
    expect(await insightHere(['get', '-f', join(folder, 'chart.yaml')])).toEqual(
      refusal(3, /chart\.yaml:\d+: it is neither JSON nor YAML/),
    );
    expect(await insightHere(['get', '-f', join(folder, 'values.yaml')])).toEqual(refusal(3, /no Kubernetes object/));
    expect(await insightHere(['get', '-f', join(folder, 'none.yaml')])).toEqual(
      refusal(3, /none\.yaml cannot be read/),
    );
  });

  test('that are made to hurt are refused in one line', async () => {
    const level = (i: number) =>
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`;
    const bomb = ['a0: &a0 [x]', ...Array.from({ length: 12 }, (_, i) => level(i + 1))].join('\n');
    const folder = folderOf({ 'bomb.yaml': bomb, 'deep.json': '['.repeat(200_000), 'long.json': '' });
    expect(await insightHere(['get', '-f', join(folder, 'bomb.yaml')])).toEqual(refusal(3, /alias/i));
    expect(await insightHere(['get', '-f', join(folder, 'deep.json')])).toEqual(refusal(3, /deep\.json/));
    truncateSync(join(folder, 'long.json'), 600 * 2 ** 20);
    expect(await insight(['get', '-f', join(folder, 'long.json')])).toEqual(refusal(3, /longer than 512 MB/));
  });

  test('of ten thousand objects are answered', async () => {
    const pod = (i: number) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}`, namespace: `ns-${i % 100}`, labels: { app: 'a' } },
      spec: { nodeName: `node-${i % 50}` },
    });
    const listOf = (length: number) => {
      const items = Array.from({ length }, (_, i) => pod(i));
      return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 4);
    };
    const folder = folderOf({ 'pods.json': listOf(10_000), 'some.json': listOf(2_000) });
    const { status, out } = await insight(['get', 'pods', '-n', 'ns-7', '-o', 'name', '-f', join(folder, 'pods.json')]);
    expect(status).toBe(0);
    expect(out.split('\n').filter(Boolean)).toHaveLength(100);
    const impact = await insightHere(['impact', 'node/node-7', '-o', 'name', '-f', join(folder, 'some.json')]);
    expect(impact.out.split('\n').filter((id) => id.startsWith('Pod:'))).toHaveLength(40);
  });

  test('with names that could steer a terminal are shown without doing it', async () => {
    const name = 'a\u001b]0;x\u0007\n- Pod:fake';
    const hostile = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: '../..' } };
    const text = JSON.stringify(hostile);
    for (const form of ['table', 'wide', 'name']) {
      const { status, out } = await insightHere(['get', 'cm', '-o', form, '-f', '-'], { input: text });
      expect(status).toBe(0);
      expect(out).toContain('\\u001b]0;x\\u0007\\u000a- Pod:fake');
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    }
    for (const form of answeredForms) {
      expect((await insightHere(['get', '-o', form, '-f', '-'], { input: text })).status, form).toBe(0);
    }
  });
});

describe('what kubectl writes', () => {
  const kubectl = (...args: string[]) => started('kubectl', args, { env: { KUBECONFIG: demo.kubeconfig } });
  const isThere = hasKubectl();

  test.skipIf(!isThere)('of get in JSON and in YAML is the same graph', async () => {
    const kinds = 'pods,deployments,replicasets,services,configmaps,nodes';
    const [json, yaml] = await Promise.all([
      kubectl('get', kinds, '-A', '-o', 'json'),
      kubectl('get', kinds, '-A', '-o', 'yaml'),
    ]);
    const folder = folderOf({ 'a.json': json.out, 'a.yaml': yaml.out });
    const { status, out } = await insightHere(['diff', join(folder, 'a.json'), join(folder, 'a.yaml')]);
    expect({ status, out }).toEqual({
      status: 0,
      out: 'resources: 0 added, 0 removed, 0 changed; relations: 0 added, 0 removed, 0 changed\n',
    });
    const tree = await insightHere(['tree', 'deploy/frontend', '-n', 'shop', '-f', join(folder, 'a.yaml')]);
    expect(tree.out).toMatch(/Pod:shop\/frontend-\S+ +monitors/);
  });

  test.skipIf(!isThere)('of cluster-info dump is read from its folder and from its output', async () => {
    const folder = folderOf({});
    // It asks for the log of each container, five in a second.
    const dump = ['cluster-info', 'dump', '--namespaces', 'shop,kube-system'];
    const [dumped, printed] = await Promise.all([
      kubectl(...dump, '--output-directory', join(folder, 'dump')),
      kubectl(...dump),
    ]);
    expect(dumped.status).toBe(0);
    expect(printed.out).toContain('==== START logs');
    writeFileSync(join(folder, 'dump.txt'), printed.out);
    const { status, out } = await insightHere(['diff', join(folder, 'dump'), join(folder, 'dump.txt')]);
    expect({ status, out }).toEqual({
      status: 0,
      out: 'resources: 0 added, 0 removed, 0 changed; relations: 0 added, 0 removed, 0 changed\n',
    });
    expect((await insightHere(['get', 'pods', '-n', 'shop', '-f', join(folder, 'dump.txt')])).out).toContain('redis-0');
  });

  test.skipIf(!isThere)('it finds the plugin by its name, and hands it everything', async () => {
    const folder = folderOf({});
    symlinkSync(executable, join(folder, 'kubectl-insight'));
    const env = { PATH: `${folder}:${path}`, KUBECONFIG: demo.kubeconfig };
    const { status, out } = await started('kubectl', ['insight', 'get', 'svc', '-n', 'shop'], { env });
    expect(status).toBe(0);
    expect(out).toMatch(/^shop +Service +frontend +Ready$/m);
  });
});

describe('diff', () => {
  const service = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name } },
  });
  const pod = (name: string, app: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app } },
    spec: {},
  });
  const texts = {
    'a.json': JSON.stringify([service('web'), pod('p', 'web')]),
    'b.json': JSON.stringify([service('web'), pod('p', 'wob')]),
  };

  test('tells resources and relations, and ends with 1 where there is a difference', async () => {
    const folder = folderOf(texts);
    const { status, out } = await insight(['diff', 'a.json', 'b.json'], { cwd: folder });
    expect(status).toBe(1);
    expect(out).toBe(
      [
        '~ Pod:default/p',
        '    metadata.labels.app: "web" → "wob"',
        '- Service:default/web loadBalances Pod:default/p   spec.selector',
        'resources: 0 added, 0 removed, 1 changed; relations: 0 added, 1 removed, 0 changed',
        '',
      ].join('\n'),
    );
    const same = await insightHere(['diff', join(folder, 'a.json'), '-', '-o', 'json'], { input: texts['a.json'] });
    expect({ status: same.status, ...(JSON.parse(same.out) as object) }).toEqual({
      status: 0,
      different: false,
      resources: [],
      relations: [],
    });
  });

  test('fails only on what --fail-on lists', async () => {
    const folder = folderOf(texts);
    const run = async (list: string) =>
      (await insightHere(['diff', join(folder, 'a.json'), join(folder, 'b.json'), '--fail-on', list])).status;
    expect(await run('removed:loadBalances')).toBe(1);
    expect(await run('added:loadBalances')).toBe(0);
    expect(await run('removed:nonsense')).toBe(2);
  });

  test('takes saved answers, in JSON and NDJSON, and a running master', async () => {
    const whole = await ask(`${demo.url}/cluster`);
    const inLines = await ask(`${demo.url}/cluster?format=ndjson`);
    const folder = folderOf({
      'a.json': whole.text,
      'a.ndjson': inLines.text,
      'cut.ndjson': inLines.text.split('\n').slice(1).join('\n'),
    });
    const [json, lines, cut] = ['a.json', 'a.ndjson', 'cut.ndjson'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    expect((await insightHere(['diff', json, lines])).status).toBe(0);
    expect((await insightHere(['diff', lines, demo.url])).status).toBe(0);
    expect(await insightHere(['diff', json, cut])).toEqual(refusal(3, /part of an answer/));
  });
});

describe('help', () => {
  test('of the program lists every command', async () => {
    const { status, out } = await insight(['--help']);
    expect(status).toBe(0);
    const width = Math.max(...commands.map(({ name }) => name.length));
    for (const { name, summary } of commands) expect(out).toContain(`${name.padEnd(width)}   ${summary}`);
    expect((await insight([])).status).toBe(2);
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    'of %s has its usage, options and examples',
    async (name, { usage, examples, options }) => {
      const { status, out } = await insightHere([name, '--help']);
      expect(status).toBe(0);
      expect(out).toContain(`kubectl insight ${name} ${usage}`);
      for (const option of options) expect(out).toContain(`--${option}`);
      expect(examples.length).toBeGreaterThan(1);
      for (const { line } of examples) expect(out).toContain(`kubectl insight ${line}`);
      expect(Math.max(...out.split('\n').map((text) => text.length))).toBeLessThanOrEqual(130);
    },
  );
});

describe('a command line that cannot be meant', () => {
  test.each([
    [['frobnicate'], /unknown command "frobnicate"; the commands are tree, impact/],
    [['--server', 'http://127.0.0.1:1', 'export'], /export has options of its own, which follow it: /],
    [['imapct'], /unknown command "imapct"; did you mean impact\?/],
    [['get', '--namspace', 'x'], /unknown option --namspace; did you mean --namespace\?/],
    [['get', '--nope'], /--nope/],
    [['get', '-o', 'docx', '-f', '-'], /unknown output format "docx"; did you mean dot\?/],
    [['get', '-n', 'a', '-A'], /exclude each other/],
    [['get', '-f', 'a', '--server', 'http://b'], /exclude each other/],
    [['get', '--certificate-authority', 'x'], /--certificate-authority goes with --server/],
    [['tree', '-f', '-'], /name a resource/],
    [['tree', 'pod/a', '-l', 'a=b', '-f', '-'], /-l chooses among all of a type/],
    [['tree', 'pod/a', '--depth', '0', '-f', '-'], /--depth 0: take a whole number/],
    [['tree', 'pod/a', '--direction', 'left', '-f', '-'], /--direction left/],
    [['path', 'pod/a', '-f', '-'], /path takes two resources/],
    [['path', 'pod/a', 'b', '-f', '-'], /b names no resource/],
    [['diff', 'a'], /diff takes two graphs/],
    [['diff', '-', '-'], /only one of the two/],
    [['impact', 'pod/a', '--fail-on', 'x'], /impact takes no --fail-on/],
    [['get', 'pods', '-l', 'a in (', '-f', '-'], /--selector \(-l\) is not valid: at position 7/],
  ])('%j', async (args, words) => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
    expect(await insightHere(args, { input })).toEqual(refusal(2, words));
  });
});

describe('an installed package', () => {
  test('runs below node_modules, where Node.js does not take TypeScript', async () => {
    const folder = folderOf({});
    const place = join(folder, 'node_modules', 'cluster-insight');
    mkdirSync(place, { recursive: true });
    for (const part of ['cli', 'master', 'src', 'package.json'])
      cpSync(join(root, part), join(place, part), { recursive: true, filter: (from) => !from.includes('recorded') });
    rmSync(join(place, 'src/demo'), { recursive: true, force: true });
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object };
    for (const scope of new Set(Object.keys(dependencies).map((name) => name.split('/')[0] ?? ''))) {
      symlinkSync(join(root, 'node_modules', scope), join(folder, 'node_modules', scope));
    }
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
    const args = [join(place, 'cli/kubectl-insight.js'), 'get', 'pods', '-f', '-'];
    expect(await started(process.execPath, args, { input })).toEqual({
      status: 0,
      err: '',
      out: 'NAMESPACE   TYPE   NAME\ndefault     Pod    a\n',
    });
  });

  test('is named by package.json under both names', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: { [name: string]: string } };
    expect(Object.keys(bin)).toEqual(['cluster-insight', 'kubectl-insight']);
    for (const file of Object.values(bin)) expect(join(root, file)).toBe(executable);
  });
});

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { env: { PATH: path }, stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return false;
  }
}
