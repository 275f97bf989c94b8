// The cost of exporting a whole cluster, compared with listing it and with packing the same bytes. A separate process sends to an
// endpoint in this one, which accepts everything and stores nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type ApiProcess, memoryOf } from './processes.ts';
import { mib, type Row, seconds } from './table.ts';
import type { Floor } from './yardsticks.ts';

const root = join(import.meta.dirname, '../..');
const most = 350 * 2 ** 20;
/** Milliseconds between two samples of the process. */
const every = 50;

interface Sent {
  readonly took: number;
  readonly peak: number;
  readonly pages: number;
  readonly bytes: number;
  /** Milliseconds to pack the same bodies one after another. */
  readonly packing: number;
}

const ways = {
  'in the old protocol': ['--protocol', 'collector', '--cluster-id', 'bench'],
  'objects alone': ['--relations=false'],
} as const;

export async function exportRows(
  name: string,
  api: ApiProcess,
  folder: string,
  floor: () => Promise<Floor>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [way, args] of Object.entries(ways)) {
    const lowest = await floor();
    const sent = await run(api, folder, args);
    const least = lowest.all + sent.packing;
    const ratio = sent.took / least;
    rows.push(
      {
        figure: `${name}: exported, ${way}`,
        target: '≤ 2 × floor',
        measured: seconds(sent.took),
        yardstick: `floor ${seconds(least)}: listed in ${seconds(lowest.all)}, ${sent.pages} pages of ${(sent.bytes / 1e6).toFixed(0)} MB packed in ${seconds(sent.packing)}`,
        ratio,
        met: ratio <= 2,
      },
      {
        figure: `${name}: resident, peak of export, ${way}`,
        target: `≤ ${mib(most)}`,
        measured: mib(sent.peak),
        yardstick: `lists ${mib(lowest.bytes)}`,
        ratio: sent.peak / lowest.bytes,
        met: sent.peak <= most,
      },
    );
  }
  return rows;
}

async function run(api: ApiProcess, folder: string, args: readonly string[]): Promise<Sent> {
  const bodies: Buffer[] = [];
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    if (parts.length > 0 && request.headers['content-encoding'] === 'gzip') bodies.push(Buffer.concat(parts));
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const measured = await ended(api, folder, ['--to', `http://127.0.0.1:${port}`, ...args]);
    return { ...measured, pages: bodies.length, ...packed(bodies) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function ended(api: ApiProcess, folder: string, args: readonly string[]) {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'export', '--export-spool', folder, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: api.kubeconfigFile },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid));
  }, every);
  const [status] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (status !== 0) throw new Error(`the export ended with ${status}`);
  return { took: performance.now() - began, peak };
}

/** 0 if the process has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : memoryOf(pid).peak;
  } catch {
    return 0;
  }
}

function packed(bodies: readonly Buffer[]) {
  let [bytes, packing] = [0, 0];
  for (const body of bodies) {
    const plain = gunzipSync(body);
    const began = performance.now();
    gzipSync(plain);
    packing += performance.now() - began;
    bytes += plain.length;
  }
  return { bytes, packing };
}
