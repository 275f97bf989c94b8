// The output forms of an object: whole or metadata only, in one of its versions, as list item or watch frame. All are
// joined from stored bytes; only the two kinds with a second form are parsed and converted.
import type { KubernetesObject } from '../../model.ts';
import { read, type Stored } from './bytes.ts';
import { convert } from './convert.ts';
import type { ServedKind } from './kinds.ts';
import { resourceName } from './kinds.ts';
import type { StoreEvent } from './storage.ts';

export interface Representation {
  /** Identifies the representation, as a cache key. */
  readonly id: string;
  readonly listKind: string;
  readonly listApiVersion: string;
  /** `{"kind":"Pod","apiVersion":"v1",` */
  readonly head: Buffer;
  /** Start of a list item: `{` for built-in kinds. */
  readonly itemHead: Buffer;
  readonly metadataOnly: boolean;
  /** Body of a bookmark besides metadata: the empty fields of the Go type. */
  readonly emptyBody: string;
  readonly convert?: (object: KubernetesObject) => KubernetesObject;
  readonly kind: string;
  readonly apiVersion: string;
}

const metaVersion = 'meta.k8s.io/v1';

export function apiVersionOf(kind: ServedKind, version: string): string {
  return kind.group ? `${kind.group}/${version}` : version;
}

export function representation(kind: ServedKind, version: string, metadataOnly: boolean): Representation {
  return metadataOnly ? metadataRepresentation(kind) : wholeRepresentation(kind, version);
}

function metadataRepresentation(kind: ServedKind): Representation {
  const head = Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"${metaVersion}",`);
  return {
    id: 'metadata',
    kind: kind.kind,
    apiVersion: metaVersion,
    listKind: 'PartialObjectMetadataList',
    listApiVersion: metaVersion,
    head,
    itemHead: head,
    metadataOnly: true,
    emptyBody: '',
  };
}

function wholeRepresentation(kind: ServedKind, version: string): Representation {
  const apiVersion = apiVersionOf(kind, version);
  // Custom resources are unstructured: sorted keys, and items keep their type.
  const type = kind.custom
    ? `"apiVersion":"${apiVersion}","kind":"${kind.kind}",`
    : `"kind":"${kind.kind}","apiVersion":"${apiVersion}",`;
  const conversion = convert(resourceName(kind), version);
  return {
    id: apiVersion,
    kind: kind.kind,
    apiVersion,
    listKind: `${kind.kind}List`,
    listApiVersion: apiVersion,
    head: Buffer.from(`{${type}`),
    itemHead: Buffer.from(kind.custom ? `{${type}` : '{'),
    metadataOnly: false,
    emptyBody: kind.custom ? '' : (emptyBodies[kind.kind] ?? ''),
    ...(conversion && { convert: conversion }),
  };
}

/** The object after `{` and its type, in one or two slices. */
function body(form: Representation, stored: Stored): Buffer[] {
  if (form.metadataOnly) return [stored.bytes.subarray(1, stored.metadataEnd), closing];
  if (!form.convert) return [stored.bytes.subarray(1)];
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = form.convert(read(stored, form.kind, form.apiVersion));
  return [Buffer.from(JSON.stringify(rest).slice(1))];
}

const closing = Buffer.from('}');

export function whole(form: Representation, stored: Stored): Buffer {
  return Buffer.concat([form.head, ...body(form, stored)]);
}

/** The slices of a list item. */
export function item(form: Representation, stored: Stored): Buffer[] {
  if (form.metadataOnly || form.convert || form.itemHead.length > 1) return [form.itemHead, ...body(form, stored)];
  return [stored.bytes];
}

const frameHeads = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
} as const;
const frameEnd = Buffer.from('}\n');

export function frame(form: Representation, type: keyof typeof frameHeads, stored: Stored): Buffer {
  return Buffer.concat([frameHeads[type], form.head, ...body(form, stored), frameEnd]);
}

/** The frame of an event, made once for all watches of one form. */
export function eventFrame(form: Representation, event: StoreEvent): Buffer {
  const found = event.frames.get(form.id);
  if (found) return found;
  const made = frame(form, event.type, event.object);
  event.frames.set(form.id, made);
  return made;
}

/** A bookmark; the one that ends the initial events is marked. */
export function bookmarkFrame(form: Representation, version: number, initialEventsEnd: boolean): Buffer {
  const annotations = initialEventsEnd ? ',"annotations":{"k8s.io/initial-events-end":"true"}' : '';
  const metadata = `"metadata":{"resourceVersion":"${version}"${annotations}}`;
  return Buffer.from(`{"type":"BOOKMARK","object":${form.head.toString()}${metadata}${form.emptyBody}}}\n`);
}

const template = '"template":{"metadata":{},"spec":{"containers":null}}';
const nodeInfoFields = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
];
const nodeInfo = nodeInfoFields.map((field) => `"${field}":""`).join(',');

/** As recorded; bookmarks of other kinds have metadata only, and clients read no more. */
const emptyBodies: { readonly [kind: string]: string } = {
  Pod: ',"spec":{"containers":null},"status":{}',
  Node: `,"spec":{},"status":{"daemonEndpoints":{"kubeletEndpoint":{"Port":0}},"nodeInfo":{${nodeInfo}}}`,
  Deployment: `,"spec":{"replicas":0,"selector":null,${template},"strategy":{}},"status":{}`,
  ReplicaSet: `,"spec":{"replicas":0,"selector":null,${template}},"status":{"replicas":0}`,
  Job: `,"spec":{${template}},"status":{}`,
  EndpointSlice: ',"addressType":"","endpoints":null,"ports":null',
};
