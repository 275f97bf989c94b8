// Ensures that the CRI client returns the shapes of `messages.ts` for any answer of the runtime: fields of a wrong type
// count as unset, unknown enum values (numbers newer than our copy) become text, and unusable entries are dropped and
// counted. Pure.
import { type Fault, fault } from '../../src/errors.ts';
import { type Fields, fieldsOf, listOf } from '../../src/fields.ts';
import type {
  Container,
  ContainerStatus,
  ContainerStatusResponse,
  Image,
  ImageStatusResponse,
  LinuxResources,
  Mount,
  VersionResponse,
} from './messages.ts';

/** A list, and the number of unusable entries. */
export interface Checked<T> {
  readonly entries: readonly T[];
  readonly refused: number;
}

export function versionOf(answer: unknown): VersionResponse {
  const said = fieldsOf(answer);
  if (!said) throw nonsense('a version');
  return {
    version: text(said.version),
    runtime_name: text(said.runtime_name),
    runtime_version: text(said.runtime_version),
    runtime_api_version: text(said.runtime_api_version),
  };
}

export function containersOf(answer: unknown): Checked<Container> {
  return checkedList(fieldsOf(answer)?.containers, 'a list of containers', containerOf);
}

export function imagesOf(answer: unknown): Checked<Image> {
  return checkedList(fieldsOf(answer)?.images, 'a list of images', imageOf);
}

/** @throws Fault `engine_nonsense` if invalid, or about another container. */
export function containerStatusOf(answer: unknown, id: string): ContainerStatusResponse {
  const said = fieldsOf(answer);
  if (!said) throw nonsense('a container');
  const status = said.status === null || said.status === undefined ? null : statusOf(said.status);
  // The request may have had an id prefix.
  if (status && !status.id.startsWith(id)) throw nonsense('the container that was asked for');
  return { status, info: textsOf(said.info) };
}

export function imageStatusOf(answer: unknown): ImageStatusResponse {
  const said = fieldsOf(answer);
  if (!said) throw nonsense('an image');
  if (said.image === null || said.image === undefined) return { image: null, info: textsOf(said.info) };
  const image = imageOf(said.image);
  if (!image) throw nonsense('an image');
  return { image, info: textsOf(said.info) };
}

/** The runtime's own JSON about itself. */
export function statusInfoOf(answer: unknown): { readonly [key: string]: string } {
  return textsOf(fieldsOf(answer)?.info);
}

/** The container id of an event; undefined if it has none. */
export function changedContainer(event: unknown): string | undefined {
  return text(fieldsOf(event)?.container_id) || undefined;
}

function checkedList<T>(list: unknown, expected: string, check: (entry: Fields) => T | undefined): Checked<T> {
  if (!Array.isArray(list)) throw nonsense(expected);
  const entries = list.map((entry) => check(fieldsOf(entry) ?? {})).filter((entry) => entry !== undefined);
  return { entries, refused: list.length - entries.length };
}

function containerOf(said: Fields): Container | undefined {
  if (text(said.id) === '') return undefined;
  return {
    id: text(said.id),
    pod_sandbox_id: text(said.pod_sandbox_id),
    metadata: metadataOf(said.metadata),
    image: namedImageOf(said.image),
    image_ref: text(said.image_ref),
    image_id: text(said.image_id),
    state: text(said.state),
    created_at: integer(said.created_at),
    labels: textsOf(said.labels),
  };
}

function statusOf(answer: unknown): ContainerStatus {
  const said = fieldsOf(answer);
  if (!said || text(said.id) === '') throw nonsense('a container');
  return {
    id: text(said.id),
    metadata: metadataOf(said.metadata),
    state: text(said.state),
    created_at: integer(said.created_at),
    started_at: integer(said.started_at),
    finished_at: integer(said.finished_at),
    exit_code: number(said.exit_code),
    image: namedImageOf(said.image),
    image_ref: text(said.image_ref),
    image_id: text(said.image_id),
    reason: text(said.reason),
    message: text(said.message),
    labels: textsOf(said.labels),
    annotations: textsOf(said.annotations),
    mounts: listOf(said.mounts).flatMap(mountOf),
    log_path: text(said.log_path),
    resources: fieldsOf(said.resources) ? { linux: resourcesOf(fieldsOf(said.resources)?.linux) } : null,
  };
}

function imageOf(answer: unknown): Image | undefined {
  const said = fieldsOf(answer);
  if (!said || text(said.id) === '') return undefined;
  return {
    id: text(said.id),
    repo_tags: listOf(said.repo_tags).filter(isText),
    repo_digests: listOf(said.repo_digests).filter(isText),
    size: integer(said.size),
    pinned: said.pinned === true,
  };
}

function metadataOf(value: unknown): Container['metadata'] {
  const said = fieldsOf(value);
  return said ? { name: text(said.name), attempt: number(said.attempt) } : null;
}

function namedImageOf(value: unknown): ContainerStatus['image'] {
  const said = fieldsOf(value);
  if (!said) return null;
  const named = text(said.user_specified_image);
  return { image: text(said.image), ...(named === '' ? {} : { user_specified_image: named }) };
}

function mountOf(value: unknown): Mount[] {
  const said = fieldsOf(value);
  if (!said) return [];
  const [container_path, host_path, propagation] = [said.container_path, said.host_path, said.propagation].map(text);
  return [
    {
      container_path: container_path ?? '',
      host_path: host_path ?? '',
      readonly: said.readonly === true,
      propagation: propagation ?? '',
    },
  ];
}

/** Numbers as strings, and two CPU sets. */
function resourcesOf(value: unknown): LinuxResources | null {
  const said = fieldsOf(value);
  if (!said) return null;
  return Object.fromEntries(
    Object.entries(said)
      .filter(([, one]) => isText(one) || typeof one === 'number')
      .map(([name, one]) => [name, String(one)]),
  );
}

function textsOf(value: unknown): { readonly [key: string]: string } {
  const texts = Object.entries(fieldsOf(value) ?? {}).filter((entry): entry is [string, string] => isText(entry[1]));
  return Object.fromEntries(texts);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** An unknown enum value is a number. */
function text(value: unknown): string {
  return isText(value) ? value : typeof value === 'number' ? String(value) : '';
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** 64-bit integers as strings; invalid ones become zero, the protocol's unset value. */
function integer(value: unknown): string {
  const said = text(value);
  return /^-?\d{1,20}$/.test(said) ? said : '0';
}

function nonsense(expected: string): Fault {
  return fault('engine_nonsense', { reason: `not ${expected}` });
}
