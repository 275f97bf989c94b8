// Builds the manifests with the real kubectl, as an operator does, and normalises objects for comparison.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export const root = join(import.meta.dirname, '../..');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
  };
  readonly [field: string]: unknown;
}

export function objectsOf(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`not YAML: ${error.message}`);
    const object = document.toJS() as Manifest | null;
    return object ? [object] : [];
  });
}

/** What `kubectl apply -k` would apply. */
export function kustomize(folder: string): Manifest[] {
  return objectsOf(execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' }));
}

/** A kustomization of these resources and components, by their paths below `manifests`. */
export function composed(resources: readonly string[], components: readonly string[] = []): Manifest[] {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    cpSync(join(root, 'manifests'), join(folder, 'manifests'), { recursive: true });
    mkdirSync(join(folder, 'own'));
    const up = (path: string) => `../manifests/${path}`;
    const images = [{ name: 'cluster-insight', newTag: '3.0.0' }];
    const content = { resources: resources.map(up), components: components.map(up), images };
    writeFileSync(join(folder, 'own/kustomization.yaml'), stringify(content));
    return kustomize(join(folder, 'own'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const toolLabels = new Set(['app.kubernetes.io/managed-by', 'helm.sh/chart']);
const namedLists = new Set(['env', 'volumes', 'volumeMounts', 'ports', 'containers']);

/** Without the labels of the tool that created them, and with unordered lists sorted. */
export function normalised(objects: readonly Manifest[]): unknown[] {
  const ordered = objects.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return ordered.map((object) => tidy(object, ''));
}

export function keyOf({ apiVersion, kind, metadata }: Manifest): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function tidy(value: unknown, key: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => tidy(item, ''));
    return namedLists.has(key) ? items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !(key === 'labels' && toolLabels.has(name)));
  return Object.fromEntries(entries.map(([name, item]) => [name, tidy(item, name)]));
}

function nameOf(item: unknown): string {
  const { name = '' } = item as { readonly name?: string };
  return name;
}

/** The settings in the ConfigMap of an export, as mounted. */
export function settingsOf(objects: readonly Manifest[]): { readonly [name: string]: string } {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-export'));
  return (found as unknown as { data?: { [name: string]: string } } | undefined)?.data ?? {};
}
