// The rules of the house, checked on the source text: imports between folders, what registries contain, how things are named.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kinds } from '../master/kinds/index.ts';
import { settings } from '../src/settings/config.ts';
import { type FunctionLength, functionLengths } from './support/function-lengths.ts';
import {
  filesBelow,
  type Import,
  importsOf,
  isPackage,
  readText,
  root,
  type SourceFile,
} from './support/source-tree.ts';

const kernel = filesBelow('src');
const master = filesBelow('master');
const minion = filesBelow('minion');
const actor = filesBelow('actor');
const cli = filesBelow('cli');
const install = filesBelow('install');
const ui = filesBelow('ui');
const tests = filesBelow('test');
const product = [...kernel, ...master, ...minion, ...actor, ...cli, ...install, ...ui];

/** Every import in `files` that `isBroken` rejects, as text. */
function broken(files: readonly SourceFile[], isBroken: (one: Import, file: SourceFile) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((one) => isBroken(one, file)).map((one) => `${file.path} imports ${one.specifier}`),
  );
}

const isIn = (folder: string) => (one: Import) => one.file?.startsWith(`${folder}/`) === true;

test('the source was found, and its import lines were read', () => {
  for (const files of [kernel, master, minion, actor, cli, install, ui, tests]) expect(files.length).toBeGreaterThan(2);
  expect(product.length).toBeGreaterThan(100);
  expect(product.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
  const targets = product.flatMap(({ imports }) => imports.flatMap(({ file }) => file ?? []));
  expect(targets.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('import lines of every form are recognised', () => {
  const text = [
    "import a from 'a';",
    "import type { B } from './b.ts';",
    'import {\n  c,\n  type D,\n} from "x";',
    "import {\n  c,\n  type D,\n} from '../c.ts';",
    "import 'e';",
    "export * from './f.ts';",
    "const g = await import('./g.ts');",
  ].join('\n');
  const found = importsOf(text, 'master/x').map((one) => [one.file ?? one.specifier, one.typeOnly, one.dynamic]);
  expect(found).toEqual([
    ['a', false, false],
    ['master/x/b.ts', true, false],
    ['master/c.ts', false, false],
    ['e', false, false],
    ['master/x/f.ts', false, false],
    ['master/x/g.ts', false, true],
  ]);
});

describe('imports between folders', () => {
  test('the modes never import each other', () => {
    expect(broken(master, isIn('minion'))).toEqual([]);
    expect(broken(minion, isIn('master'))).toEqual([]);
    expect(
      broken(
        [...kernel, ...master, ...minion, ...cli, ...install].filter(({ path }) => path !== 'src/program.ts'),
        isIn('actor'),
      ),
    ).toEqual([]);
  });

  test('the actor knows of the master the connection to an API server alone, and only it patches anything', () => {
    const connection = ['connection', 'api-failure'].map((name) => `master/sources/kubernetes/${name}.ts`);
    const isStrange = (one: Import) =>
      one.file !== undefined && !/^(actor|src)\/|^package\.json$/.test(one.file) && !connection.includes(one.file);
    expect(actor.length).toBeGreaterThan(15);
    expect(broken(actor, isStrange)).toEqual([]);
    const patching = [...actor, ...kernel, ...cli]
      .filter(({ path }) => !path.startsWith('src/demo/') && !path.startsWith('src/audit/'))
      .filter(({ text }) => /['"`](PUT|PATCH|DELETE)['"`]/.test(text));
    expect(patching.map(({ path }) => path)).toEqual(['actor/cluster.ts']);
    expect(patching[0]?.text.match(/method: '[A-Z]+'/g)).toEqual([
      "method: 'GET'",
      "method: 'PATCH'",
      "method: 'GET'",
      "method: 'GET'",
      "method: 'POST'",
    ]);
  });

  test("only the actor's routes propose and approve actions", () => {
    const calling = actor.filter(({ text }) => /actions\.(propose|approve)\(/.test(text));
    expect(calling.map(({ path }) => path)).toEqual(['actor/app.ts']);
  });

  test('the command asks what a master serves and reads; nothing imports the command', () => {
    const others = [...kernel, ...master, ...minion, ...actor, ...install];
    expect(broken(others, isIn('cli'))).toEqual([]);
    const isStrange = (one: Import) => one.file !== undefined && !/^(cli|src|master)\/|^package\.json$/.test(one.file);
    expect(broken(cli, isStrange)).toEqual([]);
    expect(broken(cli, isIn('src/demo'))).toEqual([]);
  });

  test('the page knows the words of the graph and nothing else of ours; nothing imports the page', () => {
    const isStrange = (one: Import) =>
      one.file !== undefined && !one.file.startsWith('ui/') && !(one.typeOnly && one.file === 'src/model.ts');
    expect(broken(ui, isStrange)).toEqual([]);
    expect(broken([...kernel, ...master, ...minion, ...cli, ...install], isIn('ui'))).toEqual([]);
    const packages = ['lit-html', 'graphology', 'eventsource-parser', 'yaml'];
    const isUnknown = (one: Import) => one.file === undefined && !packages.some((name) => isPackage(one, name));
    expect(broken(ui, isUnknown)).toEqual([]);
  });

  test('what of the page is pure knows no browser and nothing that does', () => {
    const pure = ['rollup', 'layout', 'state', 'views'].map((folder) => `ui/${folder}`);
    const files = ui.filter(({ folder }) => pure.includes(folder));
    expect(files.length).toBeGreaterThan(20);
    const isImpure = (one: Import) =>
      !one.typeOnly && (/^ui\/(screen|live|panel)\//.test(one.file ?? '') || isPackage(one, 'lit-html'));
    expect(broken(files, isImpure)).toEqual([]);
    expect(
      files
        .filter(({ text }) => /\b(document|window)\.\w|\blocalStorage\b|\bfetch\(/.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test('the kernel never imports a mode; its entries load one on demand', () => {
    const entries = ['src/program.ts', 'src/demo/start.ts'];
    const isMode = (one: Import) => isIn('master')(one) || isIn('minion')(one) || isIn('actor')(one);
    expect(broken(kernel, (one, { path }) => isMode(one) && !(one.dynamic && entries.includes(path)))).toEqual([]);
  });

  test('nothing that a minion loads, however far, brings the clients of the master', () => {
    const heavy = ['@kubernetes/client-node', 'dockerode', 'graphology', 'graphology-dot'];
    const loaded = loadedBy('minion/start.ts');
    expect(loaded.length).toBeGreaterThan(5);
    expect(broken(loaded, (one) => !one.typeOnly && heavy.some((name) => isPackage(one, name)))).toEqual([]);
    expect(broken(minion, (one) => heavy.some((name) => isPackage(one, name)))).toEqual([]);
  });

  test('a start loads no package that a small cluster would wait for', () => {
    const always = ['fastify', 'pino', 'prom-client', 'close-with-grace'];
    const master = ['@fastify/cors', '@fastify/helmet', 'lru-cache', 'negotiator'];
    expect(packagesAtStart('src/main.ts', 'src/program.ts', 'minion/start.ts')).toEqual(always.toSorted());
    expect(packagesAtStart('src/main.ts', 'src/program.ts', 'master/start.ts')).toEqual(
      [...always, ...master].toSorted(),
    );
  });

  test('what a start loads of packages is found however it is imported, and however far from its entry', () => {
    const packages = (text: string) => packagesOf(importsOf(text, 'master'));
    expect(packages("import { Type } from 'typebox';\nimport { Compile } from 'typebox/compile';")).toEqual([
      'typebox',
    ]);
    expect(packages("export * from '@scope/name/deep/file.js';\nimport 'yaml';")).toEqual(['@scope/name', 'yaml']);
    expect(packages("import type { Static } from 'typebox';\nconst { parse } = await import('yaml');")).toEqual([]);
    expect(packages("import { join } from 'node:path';\nimport { x } from './x.ts';")).toEqual([]);
    expect(packagesAtStart('actor/start.ts')).toContain('typebox');
  });

  test('node:http is taken without the client that an import of it loads', () => {
    const isValue = (one: Import) => !one.typeOnly && one.specifier === 'node:http';
    const files = [...kernel, ...master, ...minion, ...actor].filter(({ path }) => !path.startsWith('src/demo/'));
    expect(broken(files, isValue)).toEqual([]);
  });

  test('an import of types alone says so: with `type` at each name only, the module is loaded all the same', () => {
    const onlyTypes = /^(?:import|export) \{(?:\s*type \w+(?: as \w+)?,?)+\s*\} from '[^']+'/gm;
    expect(
      "import {\n  type A,\n  type B as C,\n} from './a.ts';\nimport { type D, e } from './d.ts';".match(onlyTypes),
    ).toHaveLength(1);
    expect(product.flatMap(({ path, text }) => text.match(onlyTypes)?.map((line) => `${path} ${line}`) ?? [])).toEqual(
      [],
    );
  });

  test('the store and the graph do no network', () => {
    const network = ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'undici', 'fastify', 'dockerode'];
    const files = [...filesBelow('master/ingest'), ...filesBelow('master/graph')];
    expect(files.length).toBeGreaterThan(5);
    const loaded = loadedBy(...files.map(({ path }) => path));
    const clients = [...network, '@kubernetes/client-node', '@grpc/grpc-js'];
    const isClient = (one: Import) => !one.typeOnly && clients.some((name) => isPackage(one, name));
    expect(broken(loaded, isClient)).toEqual([]);
  });

  test('the graph and the store know no kind: what kinds mean is in topology/ and in the files of the kinds', () => {
    const stores = ['store', 'objects-of-kinds', 'list-into-graph'];
    const types = new Set([...kinds.map(({ kind }) => kind), 'Container', 'Process', 'Image', 'Zone']);
    const files = [
      ...filesBelow('master/graph'),
      ...filesBelow('master/ingest').filter(({ name }) => stores.includes(name)),
    ];
    const named = files.flatMap(({ path, text }) =>
      [...text.matchAll(/'([A-Z][A-Za-z]+)'/g)].flatMap(([, type = '']) =>
        types.has(type) ? [`${path} ${type}`] : [],
      ),
    );
    expect(files.length).toBeGreaterThan(30);
    expect([...new Set(named)]).toEqual(stillNamed);
  });

  test('routes see a snapshot and views, never stores or clients', () => {
    const files = filesBelow('master/routes');
    expect(files.length).toBeGreaterThan(5);
    const hidden = ['master/ingest', 'master/sources'];
    const clients = ['@kubernetes/client-node', 'dockerode'];
    const isHidden = (one: Import) =>
      hidden.some((folder) => isIn(folder)(one)) || clients.some((name) => isPackage(one, name));
    expect(broken(files, isHidden)).toEqual([]);
  });

  test('the master only reads: two reviews and a Lease are all that it ever sends to an API server, the minions are sent nothing', () => {
    const writing = /['"`](POST|PUT|PATCH|DELETE)['"`]/g;
    const senders = /^master\/(export\/destinations|alerts\/receivers)\//;
    const reading = master.filter(({ path }) => !senders.test(path));
    const found = reading.flatMap(({ path, text }) =>
      [...text.matchAll(writing)].map(([, method]) => `${path} ${method}`),
    );
    // access.ts sends nothing: it names POST because pages of other origins may post messages to /mcp. A question to a Prometheus
    // that is too long for a URL is a form.
    expect(found).toEqual([
      'master/access/access.ts POST',
      'master/sources/kubernetes/client.ts POST',
      'master/sources/kubernetes/lease-requests.ts POST',
      'master/sources/kubernetes/lease-requests.ts PUT',
      'master/sources/prometheus/prometheus.ts POST',
    ]);
    // Everything is sent over a connection, and only the client has one; requests with a body are reviews from its table.
    const connection = 'master/sources/kubernetes/connection.ts';
    const connects = (one: Import) => one.file === connection && !one.typeOnly;
    expect(broken(master, connects)).toEqual(
      ['master/sources/kubernetes/client.ts imports ./connection.ts'].flatMap((line) => [line, line]),
    );
    const client = master.find(({ path }) => path === 'master/sources/kubernetes/client.ts')?.text ?? '';
    expect(client.match(/\bbody = JSON\.stringify\(|\bmethod: '(GET|POST)'/g)).toEqual([
      "method: 'GET'",
      'body = JSON.stringify(',
      "method: 'POST'",
    ]);
    expect(client.match(/\{ apiVersion: '[^']+', plural: '[^']+' \}/g)).toEqual([
      "{ apiVersion: 'authentication.k8s.io/v1', plural: 'tokenreviews' }",
      "{ apiVersion: 'authorization.k8s.io/v1', plural: 'subjectaccessreviews' }",
    ]);
    // The Lease has two paths, of one object, and is asked for where a setting names it.
    const lease = master.find(({ path }) => path === 'master/sources/kubernetes/lease-requests.ts')?.text ?? '';
    expect(lease.match(/`\/apis[^`]*`|`\$\{all\}[^`]*`|\bpath: \w+/g)).toEqual([
      '`/apis/${apiVersion}/namespaces/${namespace}/leases`',
      '`${all}/${name}`',
      'path: one',
      'path: all',
      'path: one',
    ]);
    const leasing = master.filter(({ text }) => /\.lease\(/.test(text)).map(({ path }) => path);
    expect(leasing).toEqual(['master/start.ts']);
  });

  test('whatever is asked of an API server goes through one connection, which tells the audit of it', () => {
    const askers = [...master, ...actor, ...cli].filter(({ text }) =>
      /(?<!function )\bloadClient\(|(?<!function )\bconnect\(\{/.test(text),
    );
    const silent = askers.filter(({ text }) => !/\baudit\b/.test(text)).map(({ path }) => path);
    // These create clients of masters and of a message broker, not of API servers.
    expect(silent).toEqual([
      'master/export/graph-source.ts',
      'master/stream/connection.ts',
      'cli/sources/installed.ts',
      'cli/sources/remote.ts',
    ]);
    const dialling = cli.filter(({ text }) => /\}: Dial\b/.test(text));
    expect(dialling.length).toBe(3);
    expect(dialling.filter(({ text }) => !text.includes('audit.begin(')).map(({ path }) => path)).toEqual([]);
  });

  test("access is decided by the matched route, never by the URL's spelling", () => {
    const files = filesBelow('master/access');
    expect(files.length).toBeGreaterThan(10);
    const readers = files.filter(({ text }) =>
      /(?<!routeOptions)\.(?:url|originalUrl)\b|\{[^{}]*\burl\b[^{}]*\}: FastifyRequest/.test(
        text.replaceAll(/routeOptions: \{[^}]*\}/g, ''),
      ),
    );
    expect(readers.map(({ path }) => path)).toEqual([]);
  });

  test('ages that decide about access are not measured by the wall clock', () => {
    const files = [...filesBelow('master/access'), ...minion.filter(({ path }) => path === 'minion/token.ts')];
    expect(files.map(({ path }) => path)).toContain('minion/token.ts');
    const wall = files.filter(({ text }) => /\bDate\.now\b|\bnew Date\b|(?<!Monotonic)\bClock\b/.test(text));
    expect(wall.map(({ path }) => path)).toEqual([]);
  });

  test('repeated work never throws out of a timer', () => {
    const timers = [...kernel, ...master, ...minion, ...actor].filter(
      ({ path, text }) => /\bsetInterval\(/.test(text) && !path.startsWith('src/demo/'),
    );
    expect(timers.map(({ path }) => path)).toEqual(['src/repeat.ts']);
  });

  test('what an answer depends on is added to what is said already, and what a client has is compared in one way', () => {
    const files = [...kernel, ...master, ...minion, ...actor].filter(({ path }) => !path.startsWith('src/demo/'));
    const naming = (text: RegExp) => files.filter((file) => text.test(file.text)).map(({ path }) => path);
    expect(naming(/eader\(\s*'vary'/i)).toEqual(['src/http/vary.ts']);
    expect(naming(/\['if-none-match'\]/)).toEqual(['src/http/if-none-match.ts']);
  });

  test('what sends exports knows no API server and no runtime, and nothing of the master but the export loads it', () => {
    const sending = filesBelow('master/export/destinations');
    expect(sending.length).toBeGreaterThan(5);
    const isOther = (one: Import) => one.file?.startsWith('master/') === true && !isIn('master/export')(one);
    expect(broken(sending, (one) => isOther(one) || isPackage(one, '@kubernetes/client-node'))).toEqual([]);
    const others = master.filter(({ path }) => !path.startsWith('master/export/'));
    expect(broken(others, isIn('master/export'))).toEqual([]);
  });

  test('what sends alerts knows no API server and no runtime', () => {
    const sending = filesBelow('master/alerts/receivers');
    expect(sending.length).toBeGreaterThan(5);
    const isOther = (one: Import) =>
      one.file?.startsWith('master/') === true && !isIn('master/alerts')(one) && !one.typeOnly;
    const known = ['master/findings/contract.ts'];
    const isClient = (one: Import) => isPackage(one, '@kubernetes/client-node') || isIn('master/sources')(one);
    expect(broken(sending, (one) => (isOther(one) && !known.includes(one.file ?? '')) || isClient(one))).toEqual([]);
  });

  test('only the settings read the environment', () => {
    const readers = [...kernel, ...master, ...minion, ...actor, ...cli].filter(({ text }) =>
      /\bprocess\.env\b/.test(text),
    );
    expect(readers.map(({ path }) => path)).toEqual(['src/settings/environment.ts']);
  });
});

describe.each([
  { folder: 'master/kinds', tested: 'test/master/kinds/', contract: 'kind', least: 12, may: ['src/'] },
  { folder: 'master/relations', tested: 'test/master/relations/', contract: 'relation', least: 6, may: ['src/'] },
  { folder: 'master/health', tested: 'test/master/health/', contract: 'health', least: 20, may: ['src/'] },
  {
    folder: 'master/health/derived',
    tested: 'test/master/health/derived/',
    contract: 'derived-rule',
    least: 4,
    may: ['src/', 'master/health/', 'master/graph/model/'],
  },
  {
    folder: 'master/findings',
    tested: 'test/master/findings/',
    contract: 'finding-rule',
    least: 15,
    may: ['src/', 'master/graph/', 'master/health/', 'master/series/', 'master/analysis/right-sizing.ts'],
  },
  { folder: 'ui/views', tested: 'test/ui/', contract: 'view', least: 6, may: ['src/', 'ui/'] },
  { folder: 'ui/panel', tested: 'test/ui/', contract: 'section', least: 4, may: ['src/', 'ui/'] },
  { folder: 'ui/lists', tested: 'test/ui/', contract: 'list', least: 1, may: ['src/', 'ui/'] },
  { folder: 'master/views', tested: 'test/master/views/', contract: 'view', least: 3, may: ['src/'] },
  { folder: 'master/routes', tested: 'test/', contract: 'route', least: 10, may: ['src/', 'master/'] },
  {
    folder: 'master/mcp/tools',
    tested: 'test/master/mcp/',
    contract: 'tool',
    least: 6,
    may: ['src/', 'master/'],
  },
  {
    folder: 'minion/runtimes',
    tested: 'test/minion/',
    contract: 'runtime',
    least: 2,
    may: ['src/', 'minion/cri/', 'minion/docker/', 'minion/proc/'],
  },
  {
    folder: 'minion/probes',
    tested: 'test/minion/',
    contract: 'probe',
    least: 8,
    may: ['src/', 'minion/proc/', 'package.json'],
  },
  { folder: 'cli/commands', tested: 'test/cli/', contract: 'command', least: 4, may: ['src/', 'cli/'] },
  { folder: 'actor/kinds', tested: 'test/actor/', contract: 'kind', least: 4, may: ['src/', 'actor/'] },
])('the registry $folder', ({ folder, tested, contract, least, may }) => {
  const files = filesBelow(folder).filter((file) => file.folder === folder);
  const registry = files.find(({ name }) => name === 'all') ?? files.find(({ name }) => name === 'index');
  const listed = new Set(registry?.imports.flatMap(({ file }) => file ?? []));
  const common = commonGround(folder, contract, listed);
  const below = [...new Set(filesBelow(folder).map((file) => `${file.folder}/`))].filter(
    (place) => place !== `${folder}/`,
  );
  const members = files.filter(({ path }) => !common.has(path));

  test('registers every file that is not common ground of the others', () => {
    expect(members.length).toBeGreaterThanOrEqual(least);
    expect(members.filter(({ path }) => !listed.has(path)).map(({ path }) => path)).toEqual([]);
  });

  test('has members that know their contract, common ground and what lies below, but not each other', () => {
    const isStrange = (one: Import) =>
      one.file !== undefined &&
      !one.typeOnly &&
      ![...may, ...below].some((place) => one.file?.startsWith(place)) &&
      !common.has(one.file);
    expect(broken(members, isStrange)).toEqual([]);
  });

  test('lists re-exports alone', () => {
    if (registry?.name !== 'all') return;
    const lines = registry.text.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
    expect(lines.filter((line) => !/^export (\*|\{ \w+(, \w+)* \}) from '\.\/[\w-]+\.ts';$/.test(line))).toEqual([]);
  });

  test('has a test of every member with code in it', () => {
    const written = tests.filter(({ path }) => path.startsWith(tested));
    const texts = written.map(({ text }) => text).join('\n');
    const coded = members.filter(({ text }) => /=>|function\b/.test(text));
    const untested = coded.filter(
      (file) =>
        !existsSync(join(root, `test/${folder}/${file.name}.test.ts`)) &&
        !namesOf(file).some((name) => mentions(texts, name)),
    );
    expect(untested.map(({ path }) => path)).toEqual([]);
  });
});

describe('names and places', () => {
  test('no file is called after nothing in particular', () => {
    const vague = /(^|[-_.])(utils?|helpers?|manager|misc|common|stuff)([-_.]|$)/i;
    expect([...product, ...tests].filter(({ name }) => vague.test(name)).map(({ path }) => path)).toEqual([]);
  });

  test('each folder says in about ten lines what lives there', () => {
    const folders = new Set([...product.map(({ path }) => dirname(path)), 'test', 'manifests', 'master']);
    const wanting = [...folders].filter((folder) => !isTold(folder));
    expect(wanting.toSorted()).toEqual([]);
  });

  test('no function has more than 60 lines of its own, and none more than 100 with those inside it', () => {
    const all = product.flatMap(({ path, text }) => functionLengths(text).map((each) => ({ ...each, path })));
    expect(all.length).toBeGreaterThan(2000);
    const isLong = ({ own, whole }: FunctionLength) => own > 60 || whole > 100;
    const long = all.filter(isLong).map(({ path, name }) => `${path} ${name}`);
    expect(long).toEqual([]);
  });

  test('the page on the architecture explains every noun that the graph exports, and fits a reading', () => {
    const page = readText('docs/architecture.md');
    const nouns = filesBelow('master/graph').flatMap(({ text }) =>
      [...text.matchAll(/^export (?:interface|class|type) (\w+)/gm)].map(([, name = '']) => name),
    );
    expect(nouns.length).toBeGreaterThan(50);
    const ofUse = nouns.filter((name) => !/(Options|Parts)$/.test(name));
    expect([...new Set(ofUse)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const written = page.replace(/```mermaid[\s\S]*?```/, '').split('\n');
    expect(written.length).toBeLessThanOrEqual(150);
  });

  test('the page on the architecture names the file to touch for what is added, and each of them exists', () => {
    const table = readText('docs/architecture.md').split('## Where to change what')[1]?.split('\n## ')[0] ?? '';
    const named = [...table.matchAll(/`([\w./-]+(?:\/|\.ts|\.md))`/g)].map(([, path = '']) => path);
    const wanted = [
      'health/',
      'sources/',
      'views/',
      'history/shelf.ts',
      'kinds/',
      'relations/',
      'findings/',
      'routes/',
    ];
    expect(wanted.filter((path) => !named.includes(path))).toEqual([]);
    const isThere = (path: string) => ['', 'master'].some((folder) => existsSync(join(root, folder, path)));
    expect(named.filter((path) => path !== 'all.ts' && !isThere(path))).toEqual([]);
    const registries = product.filter(({ path }) => path.endsWith('/all.ts'));
    expect(registries.length).toBeGreaterThan(10);
    const folders = registries.map(({ folder }) => folder.replace(/^master\//, ''));
    expect(folders.filter((folder) => !table.includes(`${folder}/`))).toEqual([]);
  });

  test('every module begins by saying what it is for', () => {
    const silent = product.filter(({ text }) => !/^(#!.*\n)?\s*(\/\/|\/\*\*?) ?\S/.test(text));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('every setting is read by something', () => {
    const readers = [...kernel, ...master, ...minion, ...actor].filter(
      ({ path }) => !/^src\/settings\/(config|[a-z]+-settings)\.ts$/.test(path),
    );
    const texts = readers.map(({ text }) => text).join('\n');
    expect(settings.map(({ key }) => key).filter((key) => !new RegExp(`\\b${key}\\b`).test(texts))).toEqual([]);
  });
});

/** Namespaces are selected by their labels, and claims without a StorageClass get the default one. */
const stillNamed = ['master/graph/engine/selectors.ts Namespace', 'master/graph/engine/set-claims.ts Namespace'];

/** These files and everything they import, recursively, except types and `import()`. */
function loadedBy(...entries: string[]): SourceFile[] {
  const byPath = new Map(product.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const now = byPath.get(path)?.imports.filter((one) => !one.typeOnly && !one.dynamic) ?? [];
    open.push(...now.flatMap(({ file }) => file ?? []));
  }
  return [...seen].flatMap((path) => byPath.get(path) ?? []);
}

/** Packages that these entries load before anything of theirs runs, sorted. */
function packagesAtStart(...entries: string[]): string[] {
  return packagesOf(loadedBy(...entries).flatMap(({ imports }) => imports));
}

function packagesOf(imports: readonly Import[]): string[] {
  const names = imports
    .filter(
      ({ file, typeOnly, dynamic, specifier }) => !file && !typeOnly && !dynamic && !specifier.startsWith('node:'),
    )
    .map(({ specifier }) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].toSorted();
}

/** Files that no registry lists: the contract, the registry itself, and what members or others build on. */
function commonGround(folder: string, contract: string, listed: ReadonlySet<string>): Set<string> {
  const used = product.flatMap(({ imports }) => imports.flatMap(({ file }) => file ?? []));
  return new Set([
    ...['index', 'all', contract].map((name) => `${folder}/${name}.ts`),
    ...used.filter((path) => dirname(path) === folder && !listed.has(path)),
  ]);
}

/** The names by which a test may mention a member: its exports and the names it registers. */
function namesOf({ text }: SourceFile): string[] {
  const exported = [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = '']) => name);
  const registered = [...text.matchAll(/^\s+(?:name|kind): '([^']+)'/gm)].map(([, name = '']) => name);
  return [...exported, ...registered];
}

function mentions(texts: string, name: string): boolean {
  return new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, 'i').test(texts);
}

function isTold(folder: string): boolean {
  if (!readdirSync(join(root, folder)).includes('README.md')) return false;
  const lines = readText(`${folder}/README.md`)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.length >= 3 && lines.length <= 40;
}
