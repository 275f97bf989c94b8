// Calls the tools of /mcp as an older client would, one request each.
import { expect } from 'vitest';
import type { Server } from '../../src/http/server.ts';

export interface Row {
  readonly [name: string]: string | number | boolean | readonly string[];
}

export interface Structured {
  readonly revision: number;
  readonly complete: boolean;
  readonly scope: string;
  readonly note: string;
  readonly summary: { readonly [name: string]: unknown };
  readonly total: number;
  readonly shown: number;
  readonly rows: readonly Row[];
  readonly omitted?: {
    readonly count: number;
    readonly next: { readonly tool: string; readonly arguments: Record<string, unknown> };
  };
  readonly next?: readonly { readonly tool: string; readonly arguments: Record<string, unknown> }[];
}

export interface ToolAnswer {
  readonly text: string;
  readonly structured: Structured;
  readonly isError: boolean;
}

type Inject = Pick<Server, 'inject'>;

export const accepts = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** The whole answer of JSON-RPC. */
export async function message<T>(
  app: Inject,
  method: string,
  params: object = {},
  headers: { readonly [name: string]: string } = {},
): Promise<{ readonly result?: T; readonly error?: { readonly code: number; readonly message: string } }> {
  const payload = { jsonrpc: '2.0', id: 1, method, params };
  const answer = await app.inject({ method: 'POST', url: '/mcp', headers: { ...accepts, ...headers }, payload });
  if (answer.payload.startsWith('{')) return answer.json();
  const line = answer.payload.split('\n').find((each) => each.startsWith('data:')) ?? '';
  return JSON.parse(line.slice('data:'.length));
}

interface Result {
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: Structured;
  readonly isError?: boolean;
}

export async function call(
  app: Inject,
  name: string,
  given: object = {},
  headers: { readonly [name: string]: string } = {},
): Promise<ToolAnswer> {
  const { result, error } = await message<Result>(app, 'tools/call', { name, arguments: given }, headers);
  if (result === undefined) throw new Error(`${name}: ${JSON.stringify(error)}`);
  const { content, structuredContent, isError = false } = result;
  const text = content[0]?.text ?? '';
  expect(text).not.toMatch(/Output validation error/);
  return { text, structured: structuredContent, isError };
}

/** All rows of all pages, following the calls that the answers suggest. */
export async function allRows(app: Inject, name: string, given: object): Promise<Row[]> {
  const rows: Row[] = [];
  let answer = await call(app, name, { budget: 16_384, ...given });
  for (;;) {
    expect(answer.isError, answer.text).toBe(false);
    rows.push(...answer.structured.rows);
    const next = answer.structured.omitted?.next;
    if (next === undefined) break;
    answer = await call(app, next.tool, next.arguments);
  }
  expect(rows.length).toBe(answer.structured.total);
  return rows;
}

/** The texts of a row that its line must contain. */
export function saidIn(row: Row): string[] {
  return Object.entries(row).flatMap(([name, value]) => {
    if (typeof value === 'boolean') return value || name !== 'ready' ? [] : ['not ready'];
    // Zero other affected resources is not mentioned.
    if (typeof value === 'number') return value === 0 ? [] : [String(value)];
    const bare = ['state', 'relation'].includes(name);
    return [value].flat().map((each) => (bare ? each : JSON.stringify(each)));
  });
}
