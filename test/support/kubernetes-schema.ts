// Kubernetes' schema of its objects, from its JavaScript client, which is generated from the OpenAPI document. It finds what
// strict validation of an API server refuses: unknown fields and wrong types.
import * as client from '@kubernetes/client-node';
import type { Manifest } from './manifests.ts';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

interface Model {
  readonly attributeTypeMap: readonly Attribute[];
}

const models = new Map(
  Object.entries<unknown>(client).flatMap(([name, value]): [string, Model][] =>
    isModel(value) ? [[name, value]] : [],
  ),
);

function isModel(value: unknown): value is Model {
  return typeof value === 'function' && 'attributeTypeMap' in value && Array.isArray(value.attributeTypeMap);
}

/** `V1Deployment` for `apps/v1 Deployment`; undefined for custom resources. */
export function modelName({ apiVersion, kind }: Manifest): string | undefined {
  const version = apiVersion.split('/').at(-1) ?? '';
  const name = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
  const isBuiltIn = !apiVersion.includes('.') || /\.k8s\.io\//.test(apiVersion);
  return isBuiltIn && models.has(name) ? name : undefined;
}

/** Unknown fields and wrong types of the object, each as a path and a reason. */
export function complaints(object: Manifest): string[] {
  const name = modelName(object);
  return name === undefined ? [`${object.apiVersion} ${object.kind} is unknown`] : check(object, name, object.kind);
}

function check(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list)
    return Array.isArray(value) ? value.flatMap((each, i) => check(each, list, `${path}[${i}]`)) : wrong(path, type);
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map)
    return isObject(value)
      ? entries(value).flatMap(([key, each]) => check(each, map, `${path}.${key}`))
      : wrong(path, type);
  const model = models.get(type);
  if (model) return isObject(value) ? checkFields(value, model, path) : wrong(path, type);
  return isScalar(value, type) ? [] : wrong(path, type);
}

function checkFields(value: object, { attributeTypeMap }: Model, path: string): string[] {
  const types = new Map(attributeTypeMap.map(({ baseName, type }) => [baseName, type]));
  return entries(value).flatMap(([key, each]) => {
    const type = types.get(key);
    return type === undefined ? [`${path}.${key} is not a field`] : check(each, type, `${path}.${key}`);
  });
}

const scalars: { readonly [type: string]: (value: unknown) => boolean } = {
  any: () => true,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  IntOrString: (value) => typeof value === 'string' || Number.isInteger(value),
  Date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

function isScalar(value: unknown, type: string): boolean {
  const is = scalars[type];
  if (!is) throw new Error(`the client speaks of a type that is not understood here: ${type}`);
  return is(value);
}

const wrong = (path: string, type: string) => [`${path} is not of type ${type}`];
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const entries = (value: object): [string, unknown][] => Object.entries(value);
