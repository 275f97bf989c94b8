// What people type who do not know the interface or the command yet, and the answers: one row per input.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insightHere } from './support/command-here.ts';
import { folderOf } from './support/command-line.ts';
import { type DemoMaster, startDemoMaster } from './support/demo-master.ts';
import { ask } from './support/http.ts';

let demo: DemoMaster;
beforeAll(async () => {
  demo = await startDemoMaster();
  // The first search creates the index of names.
  await ask(`${demo.url}/cluster/search?q=frontend`);
});
afterAll(() => demo.close());

const pods = /Pod:shop\/frontend-\w+-\w+, Pod:shop\/frontend-\w+-\w+, Pod:shop\/frontend-\w+-\w+/.source;

describe('in a URL', () => {
  test.each([
    ['/cluster/resources/deploymnt', 404, /^Unknown type "deploymnt"; did you mean Deployment\?$/],
    ['/cluster/resources/svcs', 404, /^Unknown type "svcs"; did you mean Service/],
    [
      '/cluster/resources/frontend',
      404,
      /^Unknown type "frontend"; it is the name of Deployment:shop\/frontend, .*: give/,
    ],
    [
      '/cluster/resources/whatever',
      404,
      /^Unknown type "whatever"; a type is a kind, plural or short name, such as Pod/,
    ],
    ['/cluster?type=pod,deploymnt', 400, /there is no type "deploymnt"; did you mean Deployment\?$/],
    ['/cluster?type=!secretz', 400, /there is no type "secretz"; did you mean Secret\?$/],
    [
      '/cluster/resources/deploy/shop/frontnd',
      404,
      /^There is no Deployment shop\/frontnd; did you mean Deployment:shop\/frontend\?$/,
    ],
    [
      '/cluster/resources/pod/shop/frontend',
      404,
      new RegExp(`^There is no Pod shop/frontend; did you mean ${pods}\\?$`),
    ],
    ['/cluster/resources/svc/shop/edis', 404, /^There is no Service shop\/edis; did you mean Service:shop\/redis\?$/],
    ['/cluster?root=Node:node_a', 404, /^There is no Node node_a; did you mean Node:node-a\?$/],
    ['/cluster?ns=shop', 400, /^Parameter ns is unknown; did you mean namespace\?$/],
    ['/cluster?depht=2', 400, /^Parameter depht is unknown; did you mean depth\?$/],
    ['/cluster?label=app', 400, /^Parameter label is unknown; did you mean labelSelector\?$/],
    ['/cluster?Type=pod', 400, /^Parameter Type is unknown; did you mean type\?$/],
    ['/rules?whatever=1', 400, /^Parameter whatever is unknown; this path takes /],
    ['/cluster/impact', 400, /^Parameter of is missing, for example of=Secret:shop\/redis-pass$/],
    [
      '/cluster/path?from=deploy/frontend',
      400,
      /^Parameter to is missing, for example to=ConfigMap:shop\/front-config$/,
    ],
    ['/cluster/groups', 400, /^Parameter by is missing, for example by=namespace$/],
    [
      '/cluster/impact?of=Deployment:frontend',
      404,
      /^There is no Deployment frontend; did you mean Deployment:shop\/frontend\?$/,
    ],
    [
      '/cluster/impact?of=frontend',
      400,
      /"frontend" is not an id: write .*TYPE\/NAME; did you mean Deployment:shop\/frontend,/,
    ],
    ['/cluster/impact?of=deploy/', 400, /"deploy\/" is not TYPE\/NAME$/],
    [
      '/cluster/impact?of=sa/default',
      400,
      /"sa\/default" is in several namespaces: add namespace=, or give an id such as S/,
    ],
    ['/cluster/impact?of=deploy/frontend&namespace=web', 404, /^There is no Deployment web\/frontend/],
    ['/cluster?direction=up&direction=down&root=node/node-a', 400, /Parameter direction .*it is given more than once$/],
    ['/cluster?q=a&q=b', 400, /^Parameter q is not valid: it is given more than once$/],
    ['/cluster?relation=contain', 400, /there is no relation "contain"; did you mean contains\?$/],
    ['/cluster?relation=own', 400, /there is no relation "own"; did you mean owns\?$/],
    [
      '/cluster/impact?of=Node:node-a&relation=!whatever',
      400,
      /there is no relation "whatever"; docs\/relations.md lists them$/,
    ],
    ['/cluster/path?from=Node:node-a&to=Node:node-b&relation=zz*', 400, /there is no relation "zz\*"/],
    ['/cluster/watch?relation=monitor', 400, /there is no relation "monitor"; did you mean monitors\?$/],
    [
      '/cluster?fields=/status/phase',
      400,
      /pointers begin with \/properties; did you mean \/properties\/status\/phase\?$/,
    ],
    ['/cluster?fields=/properties/spec,/metadata/labels', 400, /did you mean \/properties\/metadata\/labels\?$/],
    [
      '/cluster?fields=metadata.labels',
      400,
      /"metadata.labels" is not a JSON pointer, such as \/properties\/metadata\/labels/,
    ],
    ['/cluster?fields=spec.replicas', 400, /; did you mean \/properties\/spec\/replicas\?$/],
    ['/cluster?fields=.spec.containers[*].image', 400, /; did you mean \/properties\/spec\/containers\/\*\/image\?$/],
    ['/cluster?fields={.metadata.name}', 400, /; did you mean \/properties\/metadata\/name\?$/],
    [
      '/cluster?fieldSelector=spec.foo=1',
      400,
      /"spec.foo=1": this field cannot be selected by; take one of metadata.name, /,
    ],
    ['/cluster/', 404, /^There is nothing at \/cluster\/; did you mean \/cluster\?$/],
    ['/cluster/resources/', 404, /^There is nothing at \/cluster\/resources\/; did you mean \/cluster\/resources\?$/],
    [
      '/cluster/resources/pods/',
      404,
      /^There is nothing at \/cluster\/resources\/pods\/; did you mean \/cluster\/resources\/pods\?$/,
    ],
    ['/cluster/findings/', 404, /; did you mean \/cluster\/findings\?$/],
    ['/cluster/resources/endpoints', 404, /^Unknown type "endpoints": Endpoints are not read; use endpointslices$/],
    [
      '/cluster/resources/deploy/shop/redis',
      404,
      /^There is no Deployment shop\/redis; there is Service:shop\/redis, StatefulSet:shop\/redis$/,
    ],
    ['/Cluster', 404, /^There is nothing at \/Cluster; did you mean \/cluster\?$/],
    ['/cluster/resource', 404, /; did you mean \/cluster\/resources\?$/],
    ['/graph', 404, /; \/debug answers the graph as DOT, \/cluster as JSON$/],
    ['/elapsed', 404, /; \/metrics says how long reads and requests take$/],
    ['/minions_status', 404, /; \/cluster\/completeness says how every minion stands$/],
    ['/image_info', 404, /; \/version says which image runs$/],
    ['/whatever', 404, /^There is nothing at \/whatever; \/help lists what there is$/],
    ['/swagger', 404, /; \/docs is the page to try the interface$/],
    ['/api/v1/pods', 404, /; \/help lists what there is$/],
    ['/cluster/namespaces/shop/pods', 404, /; \/help lists what there is$/],
    ['/cluster/findings?name=crash-lop', 400, /there is no finding "crash-lop"; did you mean crash-loop\?$/],
    ['/cluster/findings?name=crash-loop,foo', 400, /there is no finding "foo"; \/rules lists the findings$/],
    ['/cluster/findings?name=!srevice-*', 400, /there is no finding "srevice-\*"; \/rules/],
    ['/cluster/findings/watch?name=oom-kiled', 400, /there is no finding "oom-kiled"; did you mean oom-killed\?$/],
    ['/cluster/findings?severity=urgent', 400, /"urgent" is not one of critical, high, medium, low, info$/],
    ['/cluster/findings?severity=>=hihg', 400, /"hihg" is not one of critical, .*; did you mean high\?$/],
    ['/cluster/findings?class=brokn', 400, /"brokn" is not one of broken, risk, advice; did you mean broken\?$/],
    [
      '/cluster/findings?cursor=*',
      400,
      /^Parameter cursor is not valid: it is not the cursor of an answer; begin again/,
    ],
    ['/cluster/alerts?state=fring', 400, /"fring" is not one of pending, firing, .*; did you mean firing\?$/],
    ['/cluster?health=broken', 400, /"broken" is not one of ok, progressing, /],
    ['/cluster?absent=optionl', 400, /"optionl" is not one of .*; did you mean optional\?$/],
    ['/cluster?format=sgv', 400, /"sgv" is not one of json, .*; did you mean svg\?$/],
    ['/cluster?missing=yes', 400, /"yes" is not one of true, false, 1, 0$/],
    ['/cluster?limit=0', 400, /^Parameter limit is not valid: it must be at least 1$/],
    ['/cluster?limit=many', 400, /^Parameter limit is not valid: it must be a whole number$/],
    ['/cluster?limit=99999999', 400, /^Parameter limit is not valid: it must be at most \d+$/],
    ['/cluster?cursor=xyz', 400, /it is not the cursor of an answer; begin again without it$/],
    ['/cluster?depth=2', 400, /^Parameter depth is not valid: it needs root=, the resource to start from$/],
    ['/cluster?namespace=', 400, /^Parameter namespace is not valid: it is empty$/],
    ['/cluster?type=pod,', 400, /the list "Pod," has an empty entry$/],
    ['/cluster/groups?by=namespaces', 400, /"namespaces" is not one of .*, label:KEY; did you mean namespace\?$/],
    ['/cluster/analysis?of=cycle', 400, /"cycle" is not one of cycles, .*; did you mean cycles\?$/],
    [
      '/cluster/metrics?of=Node:node-a&range=2h',
      400,
      /range is not valid: at most 60m are kept here; a Prometheus that is configured has more$/,
    ],
    ['/cluster/watch?revision=abc', 400, /it has the wrong form; for example revision=1742$/],
    ['/cluster/search?q=', 400, /^Parameter q is not valid: it is empty$/],
    [
      '/cluster/resources/deployments.extensions',
      404,
      /^Unknown type "deployments.extensions"; did you mean Deployment\?$/,
    ],
    ['/cluster?type=pods.v1', 400, /there is no type "pods.v1"; did you mean Pod\?$/],
  ] as const)('%s', async (path, status, words) => {
    const answer = await ask(demo.url + path);
    const body = JSON.parse(answer.text) as { readonly error_message: string };
    expect(body.error_message).toMatch(words);
    expect(answer.status).toBe(status);
    expect(answer.text.endsWith('}\n')).toBe(true);
  });

  test.each([
    [
      'a name with its namespace',
      '/cluster/impact?of=deploy/frontend&namespace=shop',
      '/cluster/impact?of=Deployment:shop/frontend',
    ],
    [
      'a name that is there once',
      '/cluster/path?from=svc/frontend&to=cm/front-config',
      '/cluster/path?from=Service:shop/frontend&to=ConfigMap:shop/front-config',
    ],
    ['a name outside of namespaces', '/cluster/impact?of=node/node-a', '/cluster/impact?of=Node:node-a'],
    ['several of them', '/cluster?root=svc/frontend,node/node-a', '/cluster?root=Service:shop/frontend,Node:node-a'],
    ['a list in parts', '/cluster?namespace=shop&namespace=web&type=pod', '/cluster?namespace=shop,web&type=pod'],
    ['words in any case', '/cluster?health=OK,Failed', '/cluster?health=ok,failed'],
    ['an encoded id', '/cluster?root=Pod%253Ashop%252Fredis-0', '/cluster?root=Pod:shop/redis-0'],
    ['a version in a type', '/cluster/resources/deployments.v1.apps', '/cluster/resources/deployments'],
    ['a slash at the end', '/cluster/resources/Pod/shop/redis-0/', '/cluster/resources/Pod/shop/redis-0'],
    ['another spelling', '/cluster?type=ing&neighbors=1', '/cluster?type=ing&neighbours=1'],
    ['relations in any case', '/cluster?relation=LOADBALANCES', '/cluster?relation=loadBalances'],
  ])('%s is understood', async (_, typed, meant) => {
    const [one, other] = [await ask(demo.url + typed), await ask(demo.url + meant)];
    expect(one.status).toBe(200);
    expect(one.text).toBe(other.text);
  });

  test('an empty answer says which namespaces do not exist', async () => {
    const told = async (path: string) =>
      (JSON.parse((await ask(demo.url + path)).text) as { unknownNamespaces?: unknown }).unknownNamespaces;
    expect(await told('/cluster?namespace=shpo')).toEqual([{ name: 'shpo', nearest: 'shop' }]);
    expect(await told('/cluster/resources/pods?namespace=shop,nowhere&limit=5')).toEqual([{ name: 'nowhere' }]);
    expect(await told('/cluster/groups?by=type&namespace=qa-*')).toEqual([{ name: 'qa-*' }]);
    expect(await told('/cluster?namespace=shop,!nowhere')).toBeUndefined();
    expect(await told('/cluster/findings?namespace=shpo')).toEqual([{ name: 'shpo', nearest: 'shop' }]);
    expect(await told('/cluster/findings?namespace=shop')).toBeUndefined();
  });

  test('an answer without the fields that were asked for says which do not exist', async () => {
    const told = async (path: string) =>
      (JSON.parse((await ask(demo.url + path)).text) as { unmatchedFields?: unknown }).unmatchedFields;
    expect(await told('/cluster/resources/deploy?fields=/properties/spec/replica')).toEqual([
      { pointer: '/properties/spec/replica', nearest: '/properties/spec/replicas' },
    ]);
    expect(await told('/cluster?type=pod&limit=3&fields=/properties/spec/containers/image,/properties/x')).toEqual([
      { pointer: '/properties/spec/containers/image', nearest: '/properties/spec/containers/*/image' },
      { pointer: '/properties/x' },
    ]);
    expect(await told('/cluster/resources/pod?fields=/properties/spec/nodeName')).toBeUndefined();
  });
});

describe('in a shell', () => {
  test.each([
    ['get svcs', 1, /^error: Unknown type "svcs"; did you mean Service/],
    [
      'impact frontend -n shop',
      1,
      /^error: Unknown type "frontend"; it is the name of Deployment:shop\/frontend, .*: give the type, too$/,
    ],
    [
      'impact deploy/frontnd -n shop',
      1,
      /^error: no Deployment frontnd in namespace shop; did you mean Deployment:shop\/frontend\?$/,
    ],
    ['tree pod/frontend -n shop', 1, new RegExp(`^error: no Pod frontend in namespace shop; did you mean ${pods}\\?$`)],
    ['tree pod/frontend', 1, new RegExp(`^error: no Pod frontend in namespace default; did you mean ${pods}\\?$`)],
    ['get svc/edis -n shop', 1, /^error: no Service edis in namespace shop; did you mean Service:shop\/redis\?$/],
    ['get pods -n shpo', 0, /^no pods found in namespace shpo, which does not exist; did you mean shop\?$/],
    ['get pods -n nowhere', 0, /^no pods found in namespace nowhere, which does not exist$/],
    ['tree svc/frontend -n shop --relation contain', 2, /there is no relation "contain"; did you mean contains\?$/],
    ['imapct deploy/frontend', 2, /^error: unknown command "imapct"; did you mean impact\?$/],
    ['get pods -o yml', 2, /^error: unknown output format "yml"; did you mean yaml\?$/],
    ['describe pod redis-0', 2, /^error: unknown command "describe"; get TYPE\/NAME shows what it is related to/],
    ['logs redis-0', 2, /^error: unknown command "logs"; use kubectl logs; kubectl insight only reads the graph$/],
    ['ls', 2, /^error: unknown command "ls"; use get$/],
    ['get pods --sort-by=.metadata.name', 2, /^error: unknown option --sort-by; lists are in the order of ids/],
    ['get pods --watch=yes', 2, /^error: --watch takes no value$/],
    ['tree deploy/frontend --depth -1', 2, /^error: --depth needs a value; write --depth=VALUE for one that begins/],
    [
      'get pods -o jsonpath={.items}',
      2,
      /^error: -o jsonpath is not supported; use -o json with jq, or -o custom-columns=/,
    ],
    ['get pods -o custom-columns', 2, /^error: -o custom-columns needs columns, such as -o custom-columns=NAME:/],
    ['get pods -o custom-columns=NAME', 2, /^error: column "NAME": write HEADING:.path, such as/],
    [
      'get deploy/redis -n shop',
      1,
      /^error: no Deployment redis in namespace shop; there are Service:shop\/redis, StatefulSet:/,
    ],
    ['get endpoints -n shop', 1, /^error: Unknown type "endpoints": Endpoints are not read; use endpointslices$/],
    ['hlep', 2, /^error: unknown command "hlep"; did you mean help\?$/],
    ['-v', 2, /^error: unknown option -v; did you mean --version\?$/],
    ['findings crash-lop', 2, /there is no finding "crash-lop"; did you mean crash-loop\?$/],
    [
      'diff',
      2,
      /^error: --server compares two moments of a cluster: add --from, or leave it out to compare two files$/,
    ],
    ['mcp cofig', 2, /^error: mcp takes config or nothing, not "cofig"; clients write to its standard input$/],
    ['get pods --namepsace shop', 2, /^error: unknown option --namepsace; did you mean --namespace\?$/],
  ] as const)('kubectl insight %s', async (line, status, words) => {
    const ended = await insightHere([...line.split(' '), '--server', demo.url]);
    expect(ended).toEqual({ status, out: '', err: expect.stringMatching(/^[^\n]+\n$/) as string });
    expect(ended.err.trimEnd()).toMatch(words);
  });

  test('--server is a base URL, with its scheme or without', async () => {
    const host = demo.url.slice('http://'.length);
    const names = ['get', 'nodes', '-o', 'name', '--server'];
    expect(await insightHere([...names, host])).toEqual(await insightHere([...names, demo.url]));
    const err = `error: --server is a base URL: nothing of a master is below ${demo.url}/cluster; did you mean ${demo.url}?\n`;
    expect(await insightHere([...names, `${demo.url}/cluster`])).toEqual({ status: 2, out: '', err });
    expect((await insightHere([...names, 'ftp://a'])).err).toMatch(/--server ftp:\/\/a: give a URL, such as http:/);
  });

  test.each([
    ['http://localhost:1', 'connection refused; is it running, and is the port right?'],
    // No name server is asked for a label of more than 63 characters.
    [`http://${'nowhere'.repeat(10)}.invalid:5555`, 'unknown host name'],
  ])('of a server that is not there, %s, it says what is wrong', async (server, why) => {
    const ended = await insightHere(['get', 'pods', '--server', server]);
    expect(ended).toEqual({ status: 3, out: '', err: `error: ${server} cannot be reached: ${why}\n` });
  });

  test('an empty list of findings says where it looked', async () => {
    const err = async (...args: string[]) => (await insightHere(['findings', ...args, '--server', demo.url])).err;
    expect(await err()).toBe('no findings in namespace default; -A looks in every namespace\n');
    expect(await err('-n', 'shpo')).toBe('no findings in namespace shpo, which does not exist; did you mean shop?\n');
    expect(await err('-n', 'shop')).toBe('');
  });

  test('of a rule it says which may be meant', async () => {
    const { err } = await insightHere(['rules', 'explain', 'node-run-pod']);
    expect(err).toBe('error: no rule is called node-run-pod; did you mean node-runs-pod?\n');
  });

  test('of a file that cannot be read, it says why', async () => {
    const folder = folderOf({});
    const err = async (...args: string[]) => (await insightHere(['get', 'pods', ...args])).err;
    expect(await err('-f', join(folder, 'none.yaml'))).toMatch(/none\.yaml cannot be read: it does not exist\n$/);
    expect(await err('--server', demo.url, '--token-file', folder)).toMatch(/cannot be read: it is a folder\n$/);
    expect(await err('--server', demo.url, '--token-file', join(folder, 'none'))).toMatch(/: it does not exist\n$/);
  });

  test('what kubectl takes is taken', async () => {
    const asked = (...args: string[]) => insightHere([...args, '-n', 'shop', '--server', demo.url]);
    expect((await asked('get', 'pod/redis-0,svc/redis')).out).toMatch(/^Pod:shop\/redis-0 [^]*^Service:shop\/redis /m);
    const columns = 'custom-columns=NAME:.metadata.name,IMAGE:{.spec.containers[*].image},GONE:.spec.nodename';
    expect(
      await asked('get', 'pods', '--field-selector=status.phase=Running', '-l', 'app=redis', '-o', columns),
    ).toEqual({
      status: 0,
      out: expect.stringMatching(/^NAME +IMAGE +GONE\nredis-0 +docker.io\/library\/redis:7 +<none>\n/) as string,
      err: 'nothing has the field .spec.nodename; did you mean .spec.nodeName?\n',
    });
    expect((await asked('get', 'Pod%3Ashop%2Fredis-0', '-o', 'name')).out).toContain('Pod:shop/redis-0\n');
    expect((await asked('get', 'all')).out).toMatch(/ Deployment +frontend [^]* Pod /);
    expect((await asked('get', 'deploy', '--no-headers')).out).toMatch(/^shop +Deployment +frontend/);
    expect((await insightHere(['--version'])).out).toMatch(/^cluster-insight \d/);
    expect((await asked('get', 'pod/redis-0', '-o', 'JSON')).out).toMatch(/^\{/);
    expect((await insightHere(['version'])).out).toMatch(/^cluster-insight \d/);
    expect((await insightHere(['completion', 'bash'])).out).toContain('complete -F _kubectl_insight');
  });
});

describe('of files', () => {
  const manifest = (kind: string, name: string, more = '') =>
    `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\n${more}---\n`;

  test('a saved answer is a graph', async () => {
    const folder = folderOf({ 'saved.json': (await ask(`${demo.url}/cluster?namespace=shop`)).text });
    const { status, out } = await insightHere(['tree', 'svc/frontend', '-n', 'shop', '-f', join(folder, 'saved.json')]);
    expect(status).toBe(0);
    expect(out).toMatch(/─ Deployment:shop\/frontend +loadBalances/);
  });

  test('a chart that is not filled in is one line, and what to do', async () => {
    const folder = folderOf({});
    mkdirSync(join(folder, 'templates'));
    for (const name of ['a', 'b', 'c'])
      writeFileSync(
        join(folder, 'templates', `${name}.yaml`),
        `kind: Pod\nmetadata:\n  {{- include "${name}" . | nindent 2 }}\n`,
      );
    const { status, err } = await insightHere(['get', 'pods', '-f', folder]);
    expect(status).toBe(3);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toMatch(/Helm template.*helm template/);
  });

  test('diff refuses an unknown form, and `missing` alone means everything that is missing', async () => {
    const pod = (config: string) =>
      manifest(
        'Pod',
        'a',
        `spec: { containers: [{ name: a, image: a, envFrom: [{ configMapRef: { name: ${config} } }] }] }\n`,
      );
    const folder = folderOf({
      'before.yaml': manifest('ConfigMap', 'web') + pod('web'),
      'after.yaml': manifest('ConfigMap', 'web') + pod('wbe'),
    });
    const files = [join(folder, 'before.yaml'), join(folder, 'after.yaml')];
    expect(await insightHere(['diff', ...files, '-o', 'table'])).toMatchObject({ status: 2, out: '' });
    const failed = await insightHere(['diff', ...files, '--fail-on', 'missing']);
    expect(failed.status).toBe(1);
    expect(failed.out.split('\n').filter((line) => line.endsWith('<- --fail-on'))).toEqual([
      '+ ConfigMap:default/wbe (missing)   <- --fail-on',
    ]);
    const { out } = await insightHere(['diff', ...files, '--fail-on', 'missing', '-o', 'json']);
    const { resources } = JSON.parse(out) as { resources: { id: string; fails?: true }[] };
    expect(resources.filter(({ fails }) => fails).map(({ id }) => id)).toEqual(['ConfigMap:default/wbe']);
    expect((await insightHere(['diff', files[0] ?? '', files[0] ?? '', '--fail-on', 'missing'])).status).toBe(0);
    expect((await insightHere(['get', 'deploymnt', '-f', folder])).err).toMatch(/Unknown type "deploymnt"/);
    expect((await insightHere(['get', 'cm/wb', '-f', folder])).err).toMatch(/did you mean ConfigMap:default\/web/);
  });
});
