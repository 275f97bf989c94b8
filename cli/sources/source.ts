// The contract of a source: anything that answers a master's HTTP paths, remote or in this process.

import { kinds } from '../../master/kinds/index.ts';
import type { TypeNames } from '../../master/type-names.ts';
import { createTypeNames } from '../../master/type-names.ts';
import { errors } from '../../src/errors.ts';
import { Failure, failed, notThere, RefusedParameter, reasonOf, usageFailure } from '../failure.ts';

export interface Answer {
  readonly status: number;
  readonly body: AsyncIterable<Buffer | string>;
}

export interface Headers {
  readonly [name: string]: string;
}

export interface Source {
  /** Its name in messages. */
  readonly name: string;
  /** Default namespace; undefined if `-n` is required or, as with files, all are meant. */
  readonly namespace: string | undefined;
  /** Remedy for forbidden kinds, as the end of a sentence. */
  readonly remedy?: string;
  /** Type names known without a request. */
  readonly names: Pick<TypeNames, 'find' | 'clusterScoped'>;
  /** `path` begins with a slash and includes the query. Rejects without an answer. */
  ask(path: string): Promise<Answer>;
  /** Sends a message, for /mcp only. Rejects without an answer. */
  post(path: string, body: string, headers: Headers, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

export const usualNames: TypeNames = createTypeNames(kinds);

/** Parameters of a path; lists repeat their parameter. */
export interface Parameters {
  readonly [name: string]: string | readonly string[] | undefined;
}

export function pathOf(path: string, parameters: Parameters): string {
  const given = Object.entries(parameters).flatMap(([name, value]) => [value ?? []].flat().map((each) => [name, each]));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** Error codes for something that does not exist. */
const absences = new Set(['unknown_id', 'unknown_type', 'not_found']);

/**
 * The body of a successful answer.
 * @throws Failure with the answer's error.
 */
export async function bodyOf(source: Source, path: string): Promise<AsyncIterable<Buffer | string>> {
  const answer = await asked(source, path);
  if (answer.status === 200) return answer.body;
  const { code, message } = said(await textOf(answer.body));
  if (answer.status === 404 && absences.has(code)) throw notThere(message);
  if (answer.status === 400) throw refused(code, message);
  const hint = answer.status === 401 ? ': give a token with --token-file' : '';
  throw failed(`${source.name} answers ${answer.status}${message ? `: ${message}` : ''}${hint}`);
}

/** Of the template of `bad_parameter`. */
const badParameter = new RegExp(
  `^${errors.bad_parameter.template.replace('{parameter}', '(?<parameter>\\S+)').replace('{reason}', '(?<reason>.+)')}$`,
  's',
);

function refused(code: string, message: string): Failure {
  const { parameter, reason } = badParameter.exec(message)?.groups ?? {};
  if (code !== 'bad_parameter' || parameter === undefined || reason === undefined) return usageFailure(message);
  return new RefusedParameter(message, { parameter, reason });
}

export async function jsonOf<T>(source: Source, path: string): Promise<T> {
  const text = await textOf(await bodyOf(source, path));
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw failed(`${source.name} answers what is not JSON: is it a master of Cluster Insight?`, error);
  }
}

async function asked(source: Source, path: string): Promise<Answer> {
  try {
    return await source.ask(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw failed(`${source.name} cannot be reached: ${reasonOf(error)}`, error);
  }
}

export async function textOf(body: AsyncIterable<Buffer | string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

function said(text: string): { readonly code: string; readonly message: string } {
  try {
    const { code = '', error_message, message } = JSON.parse(text) as { [field: string]: unknown };
    return { code: String(code), message: String(error_message ?? message ?? '') };
  } catch {
    return { code: '', message: '' };
  }
}
