// Reads the body of a request.
import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import type { KubernetesObject } from '../../model.ts';
import { readProtobuf } from './protobuf.ts';
import { badRequest, StatusError, unsupportedMedia } from './status.ts';

/** The API server accepts no larger objects. */
const bodyLimit = 3 * 1024 * 1024;

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new StatusError(413, 'RequestEntityTooLarge', `limit is ${bodyLimit}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
}

const protobuf = 'application/vnd.kubernetes.protobuf';

/** JSON, YAML or a review in protobuf, by media type. */
export async function readBody(request: IncomingMessage): Promise<KubernetesObject> {
  const type = mediaType(request);
  if (type !== protobuf && !/\b(?:json|yaml)$/.test(type)) throw unsupportedMedia('application/json, application/yaml');
  const bytes = await readAll(request);
  return type === protobuf ? readProtobuf(bytes) : parse(bytes.toString(), type);
}

function parse(text: string, type: string): KubernetesObject {
  try {
    return (type.endsWith('yaml') ? parseYaml(text) : JSON.parse(text)) as KubernetesObject;
  } catch (cause) {
    throw badRequest(`error decoding the body of the request: ${String(cause)}`);
  }
}
