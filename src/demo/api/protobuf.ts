// Parses the few protobuf messages that kubectl sends instead of JSON: access reviews (`kubectl auth can-i`), and new
// objects with little more than a name (`kubectl create namespace`). Field numbers are from generated.proto of
// k8s.io/api/authorization/v1 and k8s.io/apimachinery, and from runtime.Unknown.
import type { KubernetesObject } from '../../model.ts';
import { badRequest } from './status.ts';

interface Message {
  readonly [name: string]: { readonly field: number; readonly message?: Message };
}

const resourceFields = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'];
const resourceAttributes: Message = Object.fromEntries(resourceFields.map((name, i) => [name, { field: i + 1 }]));
const nonResourceAttributes: Message = { path: { field: 1 }, verb: { field: 2 } };

/** The `spec` of each kind; of other kinds only the metadata is read. */
const specs: { readonly [kind: string]: Message } = {
  SelfSubjectAccessReview: {
    resourceAttributes: { field: 1, message: resourceAttributes },
    nonResourceAttributes: { field: 2, message: nonResourceAttributes },
  },
  SelfSubjectRulesReview: { namespace: { field: 1 } },
  SelfSubjectReview: {},
  Namespace: {},
  ServiceAccount: {},
};
const envelope: Message = {
  type: { field: 1, message: { apiVersion: { field: 1 }, kind: { field: 2 } } },
};
const metadata: Message = { name: { field: 1 }, generateName: { field: 2 }, namespace: { field: 3 } };
const magic = Buffer.from('k8s\0');

/** An object sent as `application/vnd.kubernetes.protobuf`. */
export function readProtobuf(bytes: Buffer): KubernetesObject {
  if (!bytes.subarray(0, 4).equals(magic)) throw badRequest('provided data does not appear to be a protobuf message');
  const unknown = bytes.subarray(4);
  const { type } = decode(unknown, envelope) as { type: { apiVersion: string; kind: string } };
  const spec = specs[type.kind];
  if (!spec) throw badRequest(`${type.kind} is read as JSON only`);
  const raw = fieldsOf(unknown).get(2) ?? Buffer.alloc(0);
  const fields = {
    metadata: { field: 1, message: metadata },
    ...(Object.keys(spec).length > 0 && { spec: { field: 2, message: spec } }),
  };
  return { ...type, metadata: { name: '' }, ...decode(raw, fields) };
}

function decode(bytes: Buffer, message: Message): { [name: string]: unknown } {
  const found = fieldsOf(bytes);
  const result: { [name: string]: unknown } = {};
  for (const [name, { field, message: inner }] of Object.entries(message)) {
    const value = found.get(field);
    if (value && (inner || value.length > 0)) result[name] = inner ? decode(value, inner) : value.toString();
  }
  return result;
}

/** Length-delimited fields by number, the last of each; numeric fields are skipped. */
function fieldsOf(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const length = varint();
    if (tag % 8 !== 2) continue;
    fields.set(Math.floor(tag / 8), bytes.subarray(at, at + length));
    at += length;
  }
  return fields;
}
