// Runs the mode `export` in this process against an API server of the demo.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll } from 'vitest';
import { start } from '../../master/export/start.ts';
import type { ApiServer } from '../../src/demo/api-server.ts';
import { createLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/settings/config.ts';
import { keyPair } from './fake-endpoint.ts';

const place = mkdtempSync(join(tmpdir(), 'exporting-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

export interface Exported {
  readonly status: number;
  readonly out: string;
  readonly log: string;
}

export interface Exporting {
  readonly ended: Promise<Exported>;
  out(): string;
  log(): string;
  close(): Promise<void>;
}

export function newFolder(): string {
  return mkdtempSync(join(place, 'folder-'));
}

export function fileWith(text: string): string {
  const file = join(newFolder(), 'file');
  writeFileSync(file, text);
  return file;
}

/** Flags with the key pair that the fake endpoint accepts. */
export function keys(): string[] {
  return ['--access-key-file', fileWith(`${keyPair.accessKey}\n`), '--secret-key-file', fileWith(keyPair.secretKey)];
}

export async function startExport(
  server: Pick<ApiServer, 'kubeconfig'> | undefined,
  args: readonly string[],
): Promise<Exporting> {
  const texts = { out: '', log: '' };
  const output = new Writable({
    write(chunk, _encoding, done) {
      texts.out += String(chunk);
      done();
    },
  });
  const from = server === undefined ? [] : ['--kubeconfig', fileWith(JSON.stringify(server.kubeconfig()))];
  const config = readConfig({}, ['export', ...from, '--export-spool', newFolder(), ...args]);
  const logger = createLogger({
    level: 'info',
    format: 'text',
    destination: { write: (line) => void (texts.log += line) },
  });
  const running = await start({ config, logger, output } as Parameters<typeof start>[0]);
  const ended = (running.ended ?? Promise.resolve(0)).then((status) => ({ status, ...texts }));
  return { ended, out: () => texts.out, log: () => texts.log, close: () => running.close() };
}

export async function exported(
  server: Pick<ApiServer, 'kubeconfig'> | undefined,
  args: readonly string[],
): Promise<Exported> {
  return (await startExport(server, args)).ended;
}
