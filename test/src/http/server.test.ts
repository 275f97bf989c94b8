import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { Type } from 'typebox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { errors, fault } from '../../../src/errors.ts';
import { createServer, type Server, urlLimit } from '../../../src/http/server.ts';
import { createLogger, silentLogger } from '../../../src/logger.ts';

const now = Date.UTC(2026, 10, 20);
const timestamp = '2026-11-20T00:00:00.000Z';
let app: Server;

beforeEach(() => {
  app = withRoutes(createServer({ logger: silentLogger, clock: () => now }));
});

afterEach(() => app.close());

function withRoutes(server: Server): Server {
  const querystring = Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
      direction: Type.Optional(Type.Union([Type.Literal('up'), Type.Literal('down')])),
      type: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 2 })),
    },
    { additionalProperties: false },
  );
  const response = { 200: Type.Object({ name: Type.String() }), 404: Type.Object({ other: Type.String() }) };
  server.get('/things/:name', { schema: { querystring, response } }, async ({ params }) => params as { name: string });
  server.get('/query', { schema: { querystring } }, async ({ query }) => query);
  server.post('/things', async () => 'made');
  server.get('/files/*', async () => 'file');
  server.get('/broken', async () => {
    throw new Error('secret at /run/secrets/token');
  });
  server.get('/absent', { schema: { response } }, async () => {
    throw fault('not_found', { path: 'thing' });
  });
  server.get('/crowded', async () => {
    throw fault('overloaded', { reason: 'a test' });
  });
  server.get('/busy', async () => {
    throw Object.assign(new Error('shedding load'), { statusCode: 503 });
  });
  return server;
}

async function failureOf(method: string, url: string) {
  const answer = await app.inject({ method: method as 'GET', url });
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  return {
    status: answer.statusCode,
    allow: answer.headers.allow,
    ...answer.json<{ code: string; error_message: string }>(),
  };
}

test('an unknown path is a 404 with our body', async () => {
  expect(await failureOf('GET', '/nowhere?x=1')).toEqual({
    status: 404,
    allow: undefined,
    success: false,
    timestamp,
    error_message: 'There is nothing at /nowhere',
    code: 'not_found',
  });
});

test.each([
  ['POST', '/things/a', 'GET, HEAD'],
  ['DELETE', '/things/a?limit=1', 'GET, HEAD'],
  ['OPTIONS', '/things/a%2Fb', 'GET, HEAD'],
  ['GET', '/things', 'POST'],
  ['PUT', '/files/a/b/c', 'GET, HEAD'],
  ['PROPFIND', '/query', 'GET, HEAD'],
])('%s %s is a 405 that says what is allowed: %s', async (method, url, allow) => {
  expect(await failureOf(method, url)).toMatchObject({ status: 405, code: 'method_not_allowed', allow });
});

test.each([
  ['/query?limit=0', 'limit', /at least 1$/],
  ['/query?limit=many', 'limit', /whole number$/],
  ['/query?limit=1&limit=2', 'limit', /given more than once/],
  ['/query?direction=sideways', 'direction', /one of up, down$/],
  ['/query?type=', 'type', /it is empty$/],
  ['/query?type=a&type=', 'type', /it is empty$/],
  ['/query?type=a&type=b&type=c', 'type', /at most 2 values$/],
  ['/query?=2', '""', /is unknown; this path takes /],
  ['/query?q=2', 'q', /is unknown; this path takes /],
  ['/query?depht=2', 'depht', /is unknown; this path takes /],
])('%s is a 400 that names %s', async (url, parameter, reason) => {
  const failure = await failureOf('GET', url);
  expect(failure).toMatchObject({ status: 400, code: 'bad_parameter' });
  expect(failure.error_message).toContain(`Parameter ${parameter} `);
  expect(failure.error_message).toMatch(reason);
});

test('one value of a list parameter is a list of one', async () => {
  expect((await app.inject('/query?type=Pod')).json()).toEqual({ type: ['Pod'] });
  expect((await app.inject('/query?type=Pod&type=Node')).json()).toEqual({ type: ['Pod', 'Node'] });
});

test('an unhandled error is a 500 without its message', async () => {
  const failure = await failureOf('GET', '/broken');
  expect(failure).toMatchObject({ status: 500, code: 'internal' });
  expect(JSON.stringify(failure)).not.toContain('secret');
});

test('a fault is answered in our form whatever the schema of the route says', async () => {
  expect(await failureOf('GET', '/absent')).toMatchObject({
    status: 404,
    success: false,
    error_message: 'There is nothing at thing',
  });
});

test('load that is shed is a 503 that says so', async () => {
  expect(await failureOf('GET', '/busy')).toMatchObject({ status: 503, code: 'unavailable' });
});

test('what passes by itself says when to come back', async () => {
  const { headers, statusCode } = await app.inject('/crowded');
  expect([statusCode, headers['retry-after']]).toEqual([503, String(errors.overloaded.retryAfter)]);
  expect((await app.inject('/absent')).headers['retry-after']).toBeUndefined();
});

test('reports every failed answer, whatever part failed', async () => {
  const codes: string[] = [];
  const telling = withRoutes(createServer({ logger: silentLogger, onFailure: ({ code }) => void codes.push(code) }));
  const paths = ['/broken', '/nowhere', '/query?limit=0', '/things/%zz', '/things/a', `/${'a'.repeat(urlLimit)}`];
  for (const path of paths) await telling.inject(path);
  await telling.close();
  expect(codes).toEqual(['internal', 'not_found', 'bad_parameter', 'bad_request', 'uri_too_long']);
});

test('a malformed path is a 400', async () => {
  expect(await failureOf('GET', '/things/%zz')).toMatchObject({ status: 400, code: 'bad_request' });
});

test('names longer than a router usually takes are found', async () => {
  const name = 'n'.repeat(600);
  expect((await app.inject(`/things/${name}`)).json()).toEqual({ name });
});

test.each(['/things/', '/nowhere/', '/query?type=', '/%zz'])('a URL %s… beyond the limit is a 414', async (start) => {
  const url = start.padEnd(urlLimit + 1, 'a');
  expect(await failureOf('GET', url)).toMatchObject({ status: 414, code: 'uri_too_long' });
});

async function raw(bytes: string): Promise<string> {
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.end(bytes);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
  return answer;
}

function bodyOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
}

test('a URL beyond what the parser takes is a 414 as well', async () => {
  const answer = await raw(`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 414 /);
  expect(bodyOf(answer)).toMatchObject({ success: false, timestamp, code: 'uri_too_long' });
});

test('headers beyond what the parser takes are a 431', async () => {
  const answer = await raw(`GET /query HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(40_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 431 /);
  expect(bodyOf(answer)).toMatchObject({ success: false, timestamp, code: 'headers_too_large' });
});

test('what is not HTTP is a 400 in our form', async () => {
  const answer = await raw('HELLO\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(bodyOf(answer)).toMatchObject({ success: false, timestamp, code: 'bad_request' });
});

test('requests are logged with method, URL and status, failures of ours with their cause', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logged = withRoutes(createServer({ logger: createLogger({ level: 'info', format: 'json', destination }) }));
  await logged.inject('/query?limit=3');
  await logged.inject('/broken');
  await logged.close();
  const events = lines.map((line) => JSON.parse(line) as { msg: string; request?: object; err?: { message: string } });
  expect(events.flatMap(({ request }) => request ?? [])).toMatchObject([
    { method: 'GET', url: '/query?limit=3', status: 200 },
    { method: 'GET', url: '/broken', status: 500 },
  ]);
  expect(events.flatMap(({ err }) => err?.message ?? [])).toEqual(['secret at /run/secrets/token']);
});

test.each([
  ['its reader goes away', (_stream: Readable, answer: IncomingMessage) => answer.destroy()],
  ['it is cut off here', (stream: Readable) => stream.destroy()],
])('an answer that breaks off because %s is logged, too, and once', async (_why, breakOff) => {
  const lines: { request?: object }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logged = createServer({ logger: createLogger({ level: 'info', format: 'json', destination }) });
  const stream = new PassThrough();
  logged.get('/stream', (_request, reply) => reply.send(stream));
  const url = await logged.listen({ host: '127.0.0.1', port: 0 });
  stream.write('the beginning');
  const answer = await new Promise<IncomingMessage>((resolve) => get(`${url}/stream`, resolve));
  answer.on('error', () => undefined);
  breakOff(stream, answer);
  await logged.close();
  await expect
    .poll(() => lines.flatMap(({ request }) => request ?? []))
    .toMatchObject([{ method: 'GET', url: '/stream', status: 200, brokenOff: true }]);
});

test('a probe is logged only when it fails', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logged = createServer({ logger: createLogger({ level: 'info', format: 'json', destination }) });
  logged.get('/probe/:status', { config: { probe: true } }, async ({ params }, reply) => {
    reply.code(Number((params as { status: string }).status)).send('');
  });
  await logged.inject('/probe/200');
  await logged.inject('/probe/503');
  await logged.close();
  expect(lines.map((line) => (JSON.parse(line) as { request: { url: string } }).request.url)).toEqual(['/probe/503']);
});

test('a probe of a silent server stays silent even when it fails', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const silent = createServer({ logger: createLogger({ level: 'silent', format: 'json', destination }) });
  silent.get('/probe', { config: { probe: true } }, async () => {
    throw new Error('down');
  });
  expect((await silent.inject('/probe')).statusCode).toBe(500);
  await silent.close();
  expect(lines).toEqual([]);
});
