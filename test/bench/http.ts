// A plain HTTP reader for the bench: measures size and duration, and discards the content by default.
import http from 'node:http';

export interface Read {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: number;
  /** Milliseconds to the last byte. */
  readonly took: number;
}

export interface ReadOptions {
  readonly headers?: http.OutgoingHttpHeaders;
  readonly onChunk?: (chunk: Buffer) => void | Promise<void>;
  readonly agent?: http.Agent;
  readonly signal?: AbortSignal;
}

export async function read(url: string, { headers = {}, onChunk, agent, signal }: ReadOptions = {}): Promise<Read> {
  const began = performance.now();
  const options = { headers, ...(agent ? { agent } : {}), ...(signal ? { signal } : {}) };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get(url, options, resolve).on('error', reject);
  });
  let bytes = 0;
  if (onChunk) {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await onChunk(chunk);
    }
  } else {
    response.on('data', (chunk: Buffer) => void (bytes += chunk.length));
    await new Promise((resolve, reject) => response.on('end', resolve).on('error', reject).on('aborted', reject));
  }
  return { status: response.statusCode ?? 0, headers: response.headers, bytes, took: performance.now() - began };
}

export async function text(url: string, options: ReadOptions = {}): Promise<string> {
  const parts: Buffer[] = [];
  await read(url, { ...options, onChunk: (chunk) => void parts.push(chunk) });
  return Buffer.concat(parts).toString();
}

/** Durations of `of` consecutive runs, in milliseconds. */
export async function times(of: number, run: () => Promise<Read>): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < of; n++) took.push((await run()).took);
  return took;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);
