// Every field of the API's own kinds that looks like a reference is read by a rule, or excused with a reason. The fields are
// those of the client library's models, which are generated from the API server's OpenAPI: a release that adds one fails here.
import * as client from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { kinds } from '../../../master/kinds/index.ts';
import type { Kind } from '../../../master/kinds/kind.ts';
import { typeOfKind } from '../../../master/kinds/lookup.ts';
import { rules } from '../../../master/relations/index.ts';
import { typeOf } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { podSpecOf, podSpecTypes } from '../../../src/pod-spec.ts';
import { excuseFor, excuses } from '../../support/excused-fields.ts';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

interface Model {
  readonly attributeTypeMap: readonly Attribute[];
}

const models = client as unknown as { readonly [name: string]: Partial<Model> | undefined };

function modelNamed(name: string): Model | undefined {
  const found = models[name];
  return found?.attributeTypeMap ? (found as Model) : undefined;
}

const capital = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}`;

/** The model of the first of a kind's versions that has one; some names occur in several groups. */
function modelOf({ group, kind, versions }: Kind): Model | undefined {
  const [prefix = ''] = group.split('.');
  for (const version of versions) {
    const name = `${capital(version)}${kind}`;
    const found = [name, `${capital(prefix || 'core')}${name}`].map(modelNamed).find((each) => each !== undefined);
    if (found) return found;
  }
  return undefined;
}

const isBuiltIn = ({ group, kind }: Kind) => typeOf(group, kind) === kind;

/** Names of fields that may contain the name of another object. */
const telling = [
  ...['name', 'names', 'ref', 'refs', 'reference', 'references', 'class', 'classname', 'secret', 'secrets'],
  ...['claim', 'claims', 'host', 'hosts', 'hostname', 'hostnames', 'ip', 'ips', 'address', 'addresses', 'group'],
  ...['groups', 'selector', 'selectors', 'selectorterms', 'namespace', 'namespaces', 'driver', 'drivers'],
  ...['provisioner', 'attacher', 'serviceaccount', 'account', 'node', 'pool', 'user', 'users', 'owner', 'owners'],
  ...['subject', 'subjects', 'kind', 'url', 'volume', 'image', 'resource', 'holderidentity', 'endpoints', 'configmap'],
];
const looksLikeReference = new RegExp(`(${telling.join('|')})$`, 'i');
const typeOfReferences = /(Reference|Selector|Ref)$/;

interface Field {
  readonly type: string;
  readonly path: string;
}

/** Common to all objects: examined elsewhere. */
const leftOut = new Set(['V1ObjectMeta', 'V1ManagedFieldsEntry']);

function* fieldsOf(kind: Kind, model: Model, path = '', above: readonly string[] = []): Generator<Field> {
  const type = typeOfKind(kind);
  for (const { baseName, type: written } of model.attributeTypeMap) {
    if (path === '' && ['apiVersion', 'kind', 'metadata'].includes(baseName)) continue;
    const item = /^Array<(.*)>$/.exec(written)?.[1];
    const inner = item ?? written;
    const here = `${path}${path && '.'}${baseName}${item ? '[]' : ''}`;
    if (leftOut.has(inner) || (inner === 'V1PodSpec' && type !== 'Pod') || above.includes(inner)) continue;
    const below = modelNamed(inner);
    const whole = below && typeOfReferences.test(inner);
    if (whole || (!below && looksLikeReference.test(baseName))) yield { type, path: here };
    else if (below) yield* fieldsOf(kind, below, here, [...above, inner]);
  }
}

/** In rules, `containers` stands for all lists of containers. */
const inOneList = (path: string) => path.replace(/\b(init|ephemeral)Containers\b/, 'containers');

function isRead({ type, path }: Field): boolean {
  const reading = rules.filter(({ reads }) => reads.includes(type) || reads.includes('*'));
  const patterns = reading.flatMap(({ fields }) => fields);
  return [path, inOneList(path)].some((at) =>
    patterns.some((pattern) => pattern === at || isReadWith(at, pattern) || isBelow(pattern, at)),
  );
}

/** A rule that names an object covers the names in it; naming a container does not cover everything in it. */
function isReadWith(path: string, above: string): boolean {
  return isBelow(path, above) && path.slice(above.length).split('.').length - 1 <= 2;
}

const isBelow = (path: string, above: string) => path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

const builtIn = kinds.filter(isBuiltIn);
const fields = builtIn.flatMap((kind) => {
  const model = modelOf(kind);
  return model ? [...fieldsOf(kind, model)] : [];
});

/** Paths to the Pod templates of a model. */
function* templatePaths({ attributeTypeMap }: Model, path = '', depth = 0): Generator<string> {
  for (const { baseName, type } of attributeTypeMap) {
    const here = `${path}${path && '.'}${baseName}`;
    const below = type.startsWith('V1ObjectMeta') ? undefined : modelNamed(type);
    if (type === 'V1PodTemplateSpec') yield here;
    else if (below && depth < 4) yield* templatePaths(below, here, depth + 1);
  }
}

test('the Pod template of every kind that has one is found', () => {
  const templates = builtIn.flatMap((kind) => {
    const model = modelOf(kind);
    return model ? [...templatePaths(model)].map((path) => ({ kind: kind.kind, path })) : [];
  });
  expect(templates.map(({ kind }) => kind).sort()).toEqual(podSpecTypes.filter((type) => type !== 'Pod').sort());
  for (const { kind, path } of templates) {
    const body = `${path}.spec`
      .split('.')
      .reduceRight<object>((inner, step) => ({ [step]: inner }), { containers: [] });
    const found = podSpecOf({ kind, metadata: { name: 'a' }, ...body } as KubernetesObject);
    expect(found, kind).toMatchObject({ path: `${path}.spec`, template: true });
  }
});

describe('references of the API’s own kinds', () => {
  test('all of these kinds have a model, whose fields were walked', () => {
    expect(builtIn.length).toBeGreaterThan(50);
    expect(builtIn.filter((kind) => !modelOf(kind)).map(typeOfKind)).toEqual([]);
    expect(fields.length).toBeGreaterThan(500);
    expect(fields.map(({ type, path }) => `${type} ${path}`)).toEqual(
      expect.arrayContaining([
        'Pod spec.volumes[].secret.secretName',
        'Ingress spec.rules[].http.paths[].backend.service.name',
        'VolumeAttachment spec.source.inlineVolumeSpec.csi.driver',
      ]),
    );
  });

  test('every field that looks like one is read by a rule, or excused with a reason', () => {
    const read = fields.filter(isRead);
    const unread = fields.filter((field) => !isRead(field));
    const excused = unread.filter(({ type, path }) => excuseFor(type, path));
    console.log(`${fields.length} fields of ${builtIn.length} kinds: ${read.length} read, ${excused.length} excused`);
    expect(unread.filter((field) => !excused.includes(field)).map(({ type, path }) => `${type} ${path}`)).toEqual([]);
  });

  test('every excuse is for a field that there is and that no rule reads', () => {
    const unread = fields.filter((field) => !isRead(field));
    const idle = excuses.filter((one) => !unread.some(({ type, path }) => one.of.test(`${type} ${path}`)));
    expect(idle.map(({ of }) => of.source)).toEqual([]);
    for (const { reason } of excuses) expect(reason).toMatch(/^[A-Z].{15,}\.$/);
  });

  test('every kind is named by a rule as one that says something, or is excused', () => {
    const named = new Set(rules.flatMap(({ reads, source, target }) => [...reads, ...source, ...target]));
    const silent: readonly string[] = ['Event', 'ServiceCIDR'];
    expect(builtIn.map(typeOfKind).filter((type) => !named.has(type))).toEqual(silent);
  });
});
