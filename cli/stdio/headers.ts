// HTTP headers of a message, which repeat some of its content for intermediaries.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
import { isRecord } from '../../src/fields.ts';

const versionKey = 'io.modelcontextprotocol/protocolVersion';

export interface Message {
  readonly [field: string]: unknown;
}

/** `negotiated`: version agreed with an older client. */
export function headersOf(message: Message, negotiated: string | undefined): { readonly [name: string]: string } {
  const usual = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const params = isRecord(message['params']) ? message['params'] : {};
  const meta = isRecord(params['_meta']) ? params['_meta'] : {};
  const version = meta[versionKey];
  if (typeof version !== 'string')
    return { ...usual, ...(negotiated === undefined ? {} : { 'mcp-protocol-version': negotiated }) };
  const name = params['name'] ?? params['uri'];
  return {
    ...usual,
    'mcp-protocol-version': encoded(version),
    'mcp-method': encoded(String(message['method'])),
    ...(typeof name === 'string' ? { 'mcp-name': encoded(name) } : {}),
  };
}

/** Base64 for values that a header cannot contain. */
function encoded(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?base64?');
  return isPlain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
