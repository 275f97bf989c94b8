// The objects of an OpenShift Template with its parameters filled in, as by `oc process`, except that generated values stay
// `${NAME}`.
import { isName, isRecord } from '../../src/fields.ts';

type Fields = { readonly [field: string]: unknown };

/** A manifest of kind Template. One from a cluster has a UID and describes possible, not actual objects. */
export function isTemplate(value: Fields): boolean {
  const { apiVersion, kind, objects, metadata } = value;
  if (kind !== 'Template' || !Array.isArray(objects) || typeof apiVersion !== 'string') return false;
  if (isRecord(metadata) && metadata.uid !== undefined) return false;
  return apiVersion === 'v1' || apiVersion.startsWith('template.openshift.io/');
}

/** Objects without a namespace get the Template's. */
export function objectsOf(template: Fields): unknown[] {
  const values = parametersOf(template);
  const labels = isRecord(template.labels) ? template.labels : {};
  const { namespace } = isRecord(template.metadata) ? template.metadata : { namespace: undefined };
  const objects = template.objects as readonly unknown[];
  return objects.map((object) => marked(filled(object, values), labels, namespace));
}

function parametersOf({ parameters }: Fields): ReadonlyMap<string, string> {
  const given = Array.isArray(parameters) ? parameters.filter(isRecord) : [];
  return new Map(
    given.flatMap(({ name, value, generate }) => {
      if (!isName(name) || (isName(generate) && !isName(value))) return [];
      return [[name, scalar(value)] as const];
    }),
  );
}

function scalar(value: unknown): string {
  return typeof value === 'object' || value === undefined ? '' : String(value);
}

/** Depth is bounded by the limit on documents. */
function filled(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return filledText(value, values);
  if (Array.isArray(value)) return value.map((each) => filled(each, values));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [named(key, values), filled(each, values)]));
}

/** `${{NAME}}` alone is a JSON value; `${NAME}` is text within text. */
function filledText(text: string, values: ReadonlyMap<string, string>): unknown {
  const whole = /^\$\{\{(\w+)\}\}$/.exec(text)?.[1];
  const value = whole === undefined ? undefined : values.get(whole);
  if (value === undefined) return named(text, values);
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function named(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole);
}

function marked(object: unknown, labels: Fields, namespace: unknown): unknown {
  if (!isRecord(object)) return object;
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const own = isRecord(metadata.labels) ? metadata.labels : {};
  const all = { ...own, ...labels };
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(isName(metadata.namespace) || !isName(namespace) ? {} : { namespace }),
      ...(Object.keys(all).length > 0 ? { labels: all } : {}),
    },
  };
}
