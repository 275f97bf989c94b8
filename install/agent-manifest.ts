// The objects that `gateway enroll` prints with its Secret: the base, the ClusterRole and the component `uplink`, combined
// like kustomize. Pure; `npm run docs` writes them, and a test compares with kubectl.
import { parse, stringify } from 'yaml';

type Read = (path: string) => string;

interface Fields {
  [name: string]: unknown;
}

interface Kustomization {
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
  readonly labels?: readonly { readonly pairs: Fields; readonly includeTemplates?: boolean }[];
}

const folders = ['manifests/base', 'manifests/rbac/cluster'];
const patched = 'manifests/components/uplink';
/** Placeholder for the image at enrolment. */
const image = 'cluster-insight:agent';

export function agentManifest(read: Read): string {
  const objects = folders.flatMap((folder) => objectsOf(folder, read));
  const patches = readKustomization(patched, read).patches ?? [];
  for (const { path } of patches) apply(parse(read(`${patched}/${path}`)) as Fields, objects);
  const head = '# Printed by `npm run docs` from the manifests: do not change it here.\n';
  return head + objects.map((object) => stringify(withImage(object), { aliasDuplicateObjects: false })).join('---\n');
}

function readKustomization(folder: string, read: Read): Kustomization {
  return parse(read(`${folder}/kustomization.yaml`)) as Kustomization;
}

function objectsOf(folder: string, read: Read): Fields[] {
  const { resources = [], labels = [] } = readKustomization(folder, read);
  const objects = resources.flatMap((path) =>
    read(`${folder}/${path}`)
      .split(/^---$/m)
      .map((text) => parse(text) as Fields),
  );
  for (const { pairs, includeTemplates } of labels)
    for (const object of objects) label(object, pairs, includeTemplates === true);
  return objects;
}

function label(object: Fields, pairs: Fields, templates: boolean): void {
  const metadata = object['metadata'] as Fields;
  metadata['labels'] = { ...(metadata['labels'] as Fields | undefined), ...pairs };
  const template = (object['spec'] as Fields | undefined)?.['template'] as Fields | undefined;
  if (templates && template) label(template, pairs, false);
}

function apply(patch: Fields, objects: readonly Fields[]): void {
  const nameOf = ({ kind, metadata }: Fields) => `${String(kind)} ${String((metadata as Fields)['name'])}`;
  const object = objects.find((one) => nameOf(one) === nameOf(patch));
  if (object === undefined) throw new Error(`nothing is patched by ${nameOf(patch)}`);
  merge(object, patch);
}

/** Merges fields, and lists of named items; new items come first, like in kustomize. */
function merge(into: Fields, from: Fields): void {
  for (const [key, value] of Object.entries(from)) {
    const there = into[key];
    if (Array.isArray(there) && Array.isArray(value)) into[key] = mergedLists(there as Fields[], value as Fields[]);
    else if (isFields(there) && isFields(value)) merge(there, value);
    else into[key] = value;
  }
}

function mergedLists(there: Fields[], from: Fields[]): Fields[] {
  const added = from.filter((one) => {
    const same = there.find(({ name }) => name === one['name']);
    if (same) merge(same, one);
    return same === undefined;
  });
  return [...added, ...there];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withImage(object: Fields): Fields {
  return JSON.parse(JSON.stringify(object).replaceAll('"image":"cluster-insight"', `"image":"${image}"`)) as Fields;
}
