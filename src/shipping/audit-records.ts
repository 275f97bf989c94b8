// Audit lines as the body of an OTLP logs request in JSON. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
import type { AuditLine } from '../audit/audit.ts';

/** The sender: `service.name`, `k8s.cluster.name`. */
export interface Origin {
  readonly [attribute: string]: string;
}

type Value = string | number | boolean;

export function auditRecords(lines: readonly AuditLine[], origin: Origin): object {
  const scope = { name: 'cluster-insight.audit' };
  return {
    resourceLogs: [
      { resource: { attributes: attributes(origin) }, scopeLogs: [{ scope, logRecords: lines.map(recordOf) }] },
    ],
  };
}

const information = 9;
const warning = 13;

function recordOf(line: AuditLine): object {
  const nanoseconds = `${Date.parse(line.time)}000000`;
  const isWell = line.error === undefined && line.status > 0 && line.status < 400;
  return {
    timeUnixNano: nanoseconds,
    observedTimeUnixNano: nanoseconds,
    severityNumber: isWell ? information : warning,
    severityText: isWell ? 'INFO' : 'WARN',
    body: { stringValue: sentence(line) },
    attributes: attributes(factsOf(line)),
  };
}

export function sentence({ event, verb, path, object, status, error }: AuditLine): string {
  const { group = '', resource = '', subresource, namespace, name } = object ?? {};
  const type = `${resource}${group && `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  const place = [namespace, name].filter((part) => part !== undefined).join('/');
  const what = object === undefined ? path.split('?')[0] : [type, place].filter((part) => part !== '').join(' ');
  const phase = event === 'request' ? '' : ` (${event})`;
  return `${verb} ${what}${phase}: ${error ?? status}`;
}

function factsOf(line: AuditLine): { readonly [attribute: string]: Value | undefined } {
  const { object } = line;
  const [path = '', query] = line.path.split('?');
  return {
    'audit.id': line.id,
    'audit.event': line.event,
    'audit.mode': line.mode,
    'audit.purpose': line.purpose,
    'audit.dry_run': line.dryRun,
    'audit.verb': line.verb,
    'audit.duration_ms': line.duration,
    'k8s.object.group': object?.group,
    'k8s.object.version': object?.version,
    'k8s.object.resource': object?.resource,
    'k8s.object.subresource': object?.subresource,
    'k8s.namespace.name': object?.namespace,
    'k8s.object.name': object?.name,
    'http.request.method': line.method,
    'http.response.status_code': line.status,
    'http.response.body.size': line.bytes,
    'url.path': path,
    'url.query': query,
    'error.type': line.error,
  };
}

function attributes(values: { readonly [attribute: string]: Value | undefined }): object[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );
}

/** 64-bit integers are strings in this JSON. */
function valueOf(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Number of logs or metrics that a successful answer reports as rejected. */
export function leftOut(answer: string): number {
  try {
    const { partialSuccess } = JSON.parse(answer) as {
      readonly partialSuccess?: { readonly [field: string]: unknown };
    };
    const count = Number(partialSuccess?.['rejectedLogRecords'] ?? partialSuccess?.['rejectedDataPoints'] ?? 0);
    return Number.isFinite(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}
