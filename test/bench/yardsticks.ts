// References for the master's figures, measured in the same run on the same machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, read, times } from './http.ts';
import { end } from './processes.ts';

export interface Floor {
  /** Milliseconds to fetch, parse and discard. */
  readonly all: number;
  /** Of which parsing; and fetching without parsing. */
  readonly parse: number;
  readonly fetch: number;
  readonly bytes: number;
}

const pageSize = 500;
const parallel = 4;

/** Lists every resource as the master does, and stores nothing. */
export async function floor(url: string, paths: readonly string[]): Promise<Floor> {
  const fetched = await lists(url, paths, false);
  const parsed = await lists(url, paths, true);
  return { all: parsed.took, parse: parsed.parse, fetch: fetched.took, bytes: parsed.bytes };
}

async function lists(url: string, paths: readonly string[], parse: boolean) {
  const agent = new http.Agent({ keepAlive: true });
  const began = performance.now();
  const total = { bytes: 0, parse: 0 };
  const queue = [...paths];
  const worker = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift())
      await list(url + path, agent, parse, total);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  agent.destroy();
  return { ...total, took: performance.now() - began };
}

async function list(
  url: string,
  agent: http.Agent,
  parse: boolean,
  total: { bytes: number; parse: number },
): Promise<void> {
  let token: string | undefined = '';
  const headers = url.endsWith('/secrets')
    ? { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }
    : {};
  while (token !== undefined) {
    const parts: Buffer[] = [];
    const page: string = `${url}?limit=${pageSize}${token ? `&continue=${encodeURIComponent(token)}` : ''}`;
    await read(page, { agent, headers, onChunk: (chunk) => void parts.push(chunk) });
    const body = Buffer.concat(parts);
    total.bytes += body.length;
    const began = performance.now();
    // The continue token precedes the items.
    const head = parse ? body.toString() : body.toString('latin1', 0, 1024);
    if (parse) JSON.parse(head);
    total.parse += performance.now() - began;
    token = /"continue":"([^"]+)"/.exec(head.slice(0, 1024))?.[1];
  }
}

/** Milliseconds that nginx takes to serve the same bytes from a file, or why it cannot be measured. */
export async function nginx(folder: string, file: string, runs: number): Promise<number | string> {
  const server = await startNginx(folder, `root ${folder};`).catch((error: unknown) => String(error));
  if (typeof server === 'string') return `nginx cannot be started: ${server}`;
  try {
    const { status } = await read(server.url + file);
    return status === 200 ? median(await times(runs, () => read(server.url + file))) : `nginx answered ${status}`;
  } finally {
    await server.close();
  }
}

interface Nginx {
  /** With a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** nginx that forwards to a unix socket over kept connections, as a minion does; undefined if not installed. */
export async function nginxBefore(socket: string): Promise<Nginx | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-insight-bench-'));
  const pass = 'location / { proxy_pass http://socket; proxy_http_version 1.1; proxy_set_header Connection ""; }';
  const server = await startNginx(folder, pass, `upstream socket { server unix:${socket}; keepalive 4; }`).catch(
    () => undefined,
  );
  const close = async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  if (server) return { url: server.url, close };
  await close();
  return undefined;
}

async function startNginx(folder: string, serve: string, beside = ''): Promise<Nginx> {
  const port = 20_000 + (process.pid % 20_000);
  mkdirSync(join(folder, 'nginx'), { recursive: true });
  const config = [
    `${process.getuid?.() === 0 ? 'user root; ' : ''}worker_processes 1; daemon off; error_log stderr crit;`,
    `pid ${folder}/nginx/pid; events {}`,
    `http { access_log off; sendfile on; types { application/json json; } client_body_temp_path ${folder}/nginx/body;`,
    `proxy_temp_path ${folder}/nginx/proxy; fastcgi_temp_path ${folder}/nginx/fastcgi;`,
    `uwsgi_temp_path ${folder}/nginx/uwsgi; scgi_temp_path ${folder}/nginx/scgi;`,
    `${beside} server { listen 127.0.0.1:${port}; ${serve} } }`,
  ];
  writeFileSync(join(folder, 'nginx.conf'), config.join('\n'));
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const failed = await Promise.race([once(child, 'error').then(([error]: Error[]) => error), listening(port)]);
  if (failed) throw failed;
  return { url: `http://127.0.0.1:${port}/`, close: () => end(child) };
}

async function listening(port: number): Promise<undefined> {
  for (let n = 0; n < 100; n++) {
    const open = await read(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Milliseconds that kubectl takes to list several resources, or why it cannot be measured. */
export async function kubectl(kubeconfig: string, resources: string): Promise<number | string> {
  const began = performance.now();
  const child = spawn('kubectl', ['--kubeconfig', kubeconfig, 'get', resources, '-A', '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const failure = once(child, 'error').then(([error]: Error[]) => `kubectl cannot be started: ${error?.message}`);
  child.stdout.resume();
  const ended = once(child, 'exit').then(([code]) =>
    code === 0 ? performance.now() - began : `kubectl ended with ${String(code)}`,
  );
  return Promise.race([failure, ended]);
}
