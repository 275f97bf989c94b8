// Whatever is sent to a minion, its runtime receives only the permitted GET requests. The engine here records bytes.
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/engines/daemon.ts';
import { ask } from '../support/http.ts';
import { startMinion, type TestMinion } from '../support/minion.ts';
import { fakeContainer, type RecordingEngine, startRecordingEngine } from '../support/recording-engine.ts';

/** A complete request as the engine may receive it; the pattern of ids is repeated here on purpose. */
const id = '[a-zA-Z0-9](?:[a-zA-Z0-9_-]|\\.(?!\\.))*(?::[a-zA-Z0-9_.-]+)?(?:@sha256:[0-9a-f]{64})?';
const path = `/_ping|/version|/containers/json(?:\\?all=1)?|/containers/${id}/(?:json|top\\?ps_args=aux)|/images/${id}/json|/images/json|/events\\?filters=[%A-Z0-9a-z]+`;
const allowed = new RegExp(
  `^GET (?:${path}) HTTP/1\\.1\\r\\nhost: localhost\\r\\naccept: application/json\\r\\nConnection: keep-alive$`,
  'i',
);

function isAllowed(bytes: Buffer): boolean {
  const requests = bytes.toString('latin1').split('\r\n\r\n');
  return requests.pop() === '' && requests.every((request) => allowed.test(request));
}

let engine: RecordingEngine;
let minion: TestMinion;

beforeAll(async () => {
  engine = await startRecordingEngine([fakeContainer(1), fakeContainer(2)]);
  // With the host names that these requests use, so that refusals are due to their content.
  minion = await startMinion(engine.socket, '--allowed-hosts', 'minion,m,x');
  await eventually('the events to be followed', 10_000, () => engine.listeners() > 0);
});
afterAll(async () => {
  await minion.close();
  await engine.close();
});

/** More connections at once would be turned away for their number: one address may have 48. */
const atOnce = 40;
/** What is asked later and answered without another byte of what was sent before. */
const quietRounds = 10;

/** A connection on which bytes were sent as they are. */
interface Sent {
  /** Everything until the end or the first complete answer. */
  readonly answer: Promise<string>;
  heard(): number;
  giveUp(): void;
}

/** Resolves once the bytes have left. */
async function begin(bytes: string | Buffer): Promise<Sent> {
  const { hostname, port } = new URL(minion.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  const giveUp = () => {
    socket.destroy();
    resolve(text);
  };
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (isWhole(text)) giveUp();
  });
  socket.on('close', giveUp).on('error', giveUp);
  await Promise.race([new Promise<void>((sent) => socket.write(bytes, () => sent())), answer]);
  return { answer, heard: () => text.length, giveUp };
}

/** The answers, in order. One that stays out is empty: the minion waits for more while it answers what is asked later. */
async function sendAll(all: readonly (string | Buffer)[]): Promise<string[]> {
  const sent = await Promise.all(all.map(begin));
  const answers = Promise.all(sent.map(({ answer }) => answer));
  const heard = () => sent.reduce((sum, each) => sum + each.heard(), 0);
  for (let quiet = 0, before = -1; quiet < quietRounds; ) {
    const now = heard();
    const later = ask(`${minion.url}/livez`).then(
      ({ status }) => status === 200,
      () => false,
    );
    const isAlive = await Promise.race([answers, later]);
    if (typeof isAlive !== 'boolean') break;
    quiet = isAlive && now === before ? quiet + 1 : 0;
    before = now;
  }
  for (const { giveUp } of sent) giveUp();
  return answers;
}

async function send(bytes: string | Buffer): Promise<string> {
  const [answer = ''] = await sendAll([bytes]);
  return answer;
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return head >= 0 && length !== undefined && text.length >= head + 4 + Number(length);
}

const statusOf = (answer: string) => Number(/(?:^|\n)HTTP\/1\.1 ([2-5]\d\d)/.exec(answer)?.[1] ?? 0);
const refused = (answer: string) =>
  answer === '' || (statusOf(answer) >= 400 && statusOf(answer) < 500) || statusOf(answer) === 502;
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: minion\r\n\r\n`;

const badIds = [
  ...['..', '.', '%2e%2e', '%2E%2E', '%252e%252e', 'a..b', '...', '', '%20', '-a', '_a', '.a', '%2e'],
  ...[
    'a%3Fb',
    'a%3fforce=1',
    'a%253Fb',
    'a%2Fb',
    'a%2fstart',
    'a%252Fb',
    'a%5Cb',
    'a%255c',
    'a%23b',
    'a%26b',
    'a;b',
    'a%3Bb',
  ],
  ...['a%00', '%00', 'a%2500', 'a%0d%0aX:1', 'a%250d%250a', 'a%0a', 'a%09b', 'a%7f', 'a+b', 'a*', '%2a', '~a', 'a~'],
  ...[
    '%c3%a9',
    '%ff',
    '%e2%80%ae',
    '%f0%9f%98%80',
    '%u002e',
    '%',
    '%2',
    '%zz',
    'a%',
    '%c0%af',
    '%c0%ae%c0%ae',
    '%ef%bc%8e',
  ],
  ...['a'.repeat(513), 'a'.repeat(4096), '%61'.repeat(600), 'a'.repeat(9000)],
];

describe('a minion', () => {
  test.each(badIds)('refuses the id %j before it reaches the socket', async (bad) => {
    const before = engine.received.map(String).join('');
    for (const target of [`/containers/${bad}/json`, `/containers/${bad}/top?ps_args=aux`, `/images/${bad}/json`]) {
      const answer = await send(get(target));
      expect(statusOf(answer), target).toBeGreaterThanOrEqual(400);
      expect(statusOf(answer), target).toBeLessThan(500);
      expect(answer).toContain('"success":false');
    }
    expect(engine.received.map(String).join('')).toBe(before);
  });

  const targets = [
    ...[
      '/containers/create',
      '/containers/json/../create',
      '/containers/%2e%2e/images/json',
      '/images/json',
      '/info',
      '/events',
    ],
    ...[
      '/containers/a/logs',
      '/containers/a/archive?path=/',
      '/containers/a/export',
      '/containers/a/attach/ws',
      '/exec/a/json',
    ],
    ...[
      '/v1.41/containers/json',
      '/v1.41/info',
      '//containers/json',
      '/containers//json',
      '/containers/a/json/',
      '/swarm',
      '/secrets',
    ],
    ...[
      '/containers/a/json?size=1',
      '/containers/json?filters={}',
      '/containers/json?all=2',
      '/containers/json?all=1&all=0',
      '/version?x=1',
    ],
    ...[
      '/containers/json?all=1%26size=1',
      '/containers/a/top',
      '/containers/a/top?ps_args=-ef',
      '/containers/a/top?ps_args=aux&x=y',
    ],
    ...[
      '/containers/a/top?ps_args=aux%20-o%20pid,environ',
      '/containers/a/top?ps_args=auxe',
      '/containers/a/json?__proto__=1',
    ],
    ...[
      '/images/a/b/json',
      '/images/a%2Fb/json',
      '/images/search?term=a',
      '/images/a/history',
      '/_ping/../info',
      '/_ping/x',
    ],
    ...[
      'http://evil/containers/json',
      'http://evil/info',
      '*',
      'evil:80',
      '/CONTAINERS/JSON',
      '/containers/a/json#x',
      '/containers/a\\..\\json',
    ],
    ...[
      '/containers/a/json;x',
      '/containers/a/json%00',
      '/containers/a/json%20HTTP/1.1',
      '/containers/json%3Fall=1',
      '/.%2fversion',
      '/%2e/info',
    ],
  ];
  test.each(targets)('refuses GET %s', async (target) => {
    const answer = await send(get(target));
    expect(refused(answer), answer.slice(0, 300)).toBe(true);
  });

  const methods = ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'PRI', 'get', 'G ET'];
  test.each(methods)('refuses %s everywhere', async (method) => {
    for (const target of [
      '/containers/json',
      `/containers/${fakeContainer(1).id}/json`,
      '/containers/create',
      '/snapshot',
      '/version',
    ]) {
      const answer = await send(`${method} ${target} HTTP/1.1\r\nHost: minion\r\nContent-Length: 0\r\n\r\n`);
      expect(refused(answer), answer.slice(0, 300)).toBe(true);
    }
  });

  const inner = 'POST /containers/create HTTP/1.1\r\nHost: minion\r\nContent-Length: 2\r\n\r\n{}';
  const chunked = 'Transfer-Encoding: chunked\r\n';
  const tricks: { readonly [name: string]: string } = {
    'an upgrade to a raw stream':
      'GET /containers/json HTTP/1.1\r\nHost: m\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    'an upgrade to a websocket':
      'GET /containers/json HTTP/1.1\r\nHost: m\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n',
    'an upgrade to HTTP/2':
      'GET /containers/json HTTP/1.1\r\nHost: m\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    'HTTP/2 known beforehand': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a tunnel': 'CONNECT evil:80 HTTP/1.1\r\nHost: evil\r\n\r\n',
    'a request in the body of a request': `GET /containers/json HTTP/1.1\r\nHost: m\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
    'a request in a chunk': `GET /containers/json HTTP/1.1\r\nHost: m\r\n${chunked}\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    'chunks and a length': `GET /containers/json HTTP/1.1\r\nHost: m\r\nContent-Length: 4\r\n${chunked}\r\n0\r\n\r\n${inner}`,
    'two lengths': `GET /containers/json HTTP/1.1\r\nHost: m\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n${inner}`,
    'an odd transfer encoding': `GET /containers/json HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: xchunked\r\n\r\n${inner}`,
    'a folded header': `GET /containers/json HTTP/1.1\r\nHost: m\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${inner}`,
    'a space before the colon': 'GET /containers/json HTTP/1.1\r\nHost: m\r\nContent-Length : 5\r\n\r\nhello',
    'a bare line feed': 'GET /containers/json HTTP/1.1\nHost: m\nX: y\n\nGET /info HTTP/1.1\n\n',
    'a line break in the target': 'GET /containers/a\r\nX: y/json HTTP/1.1\r\nHost: m\r\n\r\n',
    'a NUL in the target': 'GET /containers/a\0/json HTTP/1.1\r\nHost: m\r\n\r\n',
    'a NUL in a header': 'GET /containers/json HTTP/1.1\r\nHost: m\0x\r\n\r\n',
    'no host': 'GET /containers/json HTTP/1.1\r\n\r\n',
    'an expectation':
      'POST /containers/create HTTP/1.1\r\nHost: m\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}',
    'a header without end': `GET /version HTTP/1.1\r\nHost: m\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
    'a thousand headers': `GET /version HTTP/1.1\r\nHost: m\r\n${'X-Header: some value of some length\r\n'.repeat(1500)}\r\n`,
    'another method in a header':
      'POST /containers/create HTTP/1.1\r\nHost: m\r\nX-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n',
    'not HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an old version of HTTP with a body': `GET /containers/json HTTP/0.9\r\n\r\n${inner}`,
  };
  test.each(Object.entries(tricks))('is not taken in by %s', async (_name, bytes) => {
    const answer = await send(Buffer.from(bytes, 'latin1'));
    expect(refused(answer), answer.slice(0, 300)).toBe(true);
    expect(answer).not.toMatch(/101 Switching|200 Connection/);
    expect(engine.received.every(isAllowed)).toBe(true);
  });

  test('answers what follows a well-formed request on its connection as a request of its own', async () => {
    const before = new Map(engine.calls);
    await send(get('/version') + inner + get('/_ping'));
    expect(engine.received.every(isAllowed)).toBe(true);
    expect(engine.calls.get('/containers/create')).toBeUndefined();
    expect(engine.calls.get('/version')).toBe((before.get('/version') ?? 0) + 1);
  });

  test('sends none of the headers it was sent to the socket', async () => {
    const secret = 'Bearer of-the-client';
    await minion.get('/containers/json?all=true', { authorization: secret, 'x-registry-auth': secret, cookie: secret });
    const bytes = engine.received.map(String).join('');
    expect(bytes).toContain('/containers/json?all=1');
    expect(bytes).not.toContain(secret);
  });

  test('lets none of 12,000 random requests through but as an allowed GET', { timeout: 240_000 }, async () => {
    const before = [...engine.calls.values()].reduce((sum, count) => sum + count, 0);
    const statuses = new Map<number, number>();
    const batch = fc.array(request, { minLength: atOnce, maxLength: atOnce });
    await fc.assert(
      fc.asyncProperty(batch, async (requests) => {
        const answers = await sendAll(requests.map((bytes) => Buffer.from(bytes, 'latin1')));
        for (const answer of answers) statuses.set(statusOf(answer), (statuses.get(statusOf(answer)) ?? 0) + 1);
        expect(answers.filter((answer) => statusOf(answer) === 500 || statusOf(answer) === 101)).toEqual([]);
        expect(engine.received.every(isAllowed)).toBe(true);
        engine.received.fill(Buffer.alloc(0));
      }),
      { numRuns: 12_000 / atOnce, endOnFailure: true },
    );
    const after = [...engine.calls.values()].reduce((sum, count) => sum + count, 0);
    // Some requests are valid: a minion that refuses everything would prove nothing.
    expect(after - before).toBeGreaterThan(200);
    expect(statuses.get(200)).toBeGreaterThan(100);
    expect(statuses.get(400)).toBeGreaterThan(1000);
    expect((await minion.get('/containers/json')).status).toBe(200);
  });
});

const fragments = [
  '..',
  '/',
  '?',
  '#',
  '&',
  '%',
  '\\',
  '\0',
  '\r\n',
  ' ',
  ':',
  '@',
  ';',
  '=',
  'é',
  '😀',
  'a',
  'json',
  'create',
  '+',
  '~',
  '*',
];
const encodings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => encodeURIComponent(text).replaceAll('.', '%2e'),
  (text) => encodeURIComponent(encodeURIComponent(text).replaceAll('.', '%2e')),
  (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (text) => Buffer.from(text).toString('latin1'),
];
const piece = fc
  .tuple(fc.constantFrom(...fragments), fc.constantFrom(...encodings))
  .map(([text, encode]) => encode(text));
const hostileId = fc
  .array(fc.oneof(piece, fc.stringMatching(/^[a-zA-Z0-9_.-]{1,8}$/)), { minLength: 1, maxLength: 5 })
  .map((all) => all.join(''));
const goodId = fc.oneof(fc.constant(fakeContainer(1).id), fc.constant('fake-2'), fc.stringMatching(/^[a-f0-9]{12}$/));
const anyId = fc.oneof({ weight: 4, arbitrary: hostileId }, { weight: 1, arbitrary: goodId });
const template = fc.constantFrom(
  ...[
    '/containers/ID/json',
    '/containers/ID/top?ps_args=aux',
    '/containers/ID/top?ps_args=ID',
    '/images/ID/json',
    '/containers/json?all=ID',
  ],
  ...[
    '/containers/ID/start',
    '/ID',
    '/ID/ID',
    '/containers/json?ID=ID',
    '/containers/json?all=1',
    '/v1.41/containers/ID/json',
    '//ID/json',
  ],
);
const target = fc.tuple(template, fc.array(anyId, { minLength: 3, maxLength: 3 })).map(([text, ids]) => {
  let next = 0;
  return text.replaceAll('ID', () => ids[next++ % ids.length] ?? '');
});
const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('GET') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE', 'X'),
  },
);
const header = fc.constantFrom(
  ...[
    '',
    '',
    '',
    '',
    'Connection: Upgrade\r\nUpgrade: tcp\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Content-Length: 5\r\n',
    'X: y\r\n',
  ],
);
const body = fc.constantFrom(
  '',
  '',
  '',
  'hello',
  '0\r\n\r\n',
  get('/info'),
  'POST /containers/create HTTP/1.1\r\nHost: m\r\n\r\n',
);
const request = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(method, target, header, body)
      .map(
        ([verb, where, more, rest]) =>
          `${verb} ${where} HTTP/1.1\r\nHost: m\r\nConnection: close\r\n${more}\r\n${rest}`,
      ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }).map((text) => `${text}\r\n\r\n`) },
);

describe('a minion without a token', () => {
  test('answers neither under unknown host names nor to pages of other sites', async () => {
    const open = await startMinion(engine.socket);
    try {
      const routes = [
        '/_ping',
        '/version',
        '/containers/json',
        `/containers/${'0'.repeat(63)}1/json`,
        '/containers/a/top?ps_args=aux',
      ];
      const all = [...routes, '/images/a/json', '/snapshot', '/metrics', '/livez', '/readyz', '/healthz', '/nothing'];
      const statuses = async (headers: Readonly<Record<string, string>>) =>
        new Set(await Promise.all(all.map(async (path) => (await ask(open.url + path, { headers })).status)));
      for (const host of ['evil.example', 'localhost.evil.example', '192.0.2.1:4243', 'cluster-insight-minion'])
        expect(await statuses({ host }), host).toEqual(new Set([421]));
      expect(await statuses({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toEqual(new Set([403]));
      expect([...(await statuses({}))]).not.toContain(421);
    } finally {
      await open.close();
    }
  });
});
