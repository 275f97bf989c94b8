import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { agentThrough } from '../../../cli/sources/port-forward.ts';
import { noAudit } from '../../../src/audit/audit.ts';

/** What the caller hears where the API server refuses a port-forward with this body. */
async function heard(body: string): Promise<string> {
  const server = createServer();
  server.on('upgrade', (_, socket) => {
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const door = { namespace: 'ops', pod: 'insight', port: 5555, secure: false };
  const agent = agentThrough({ url, headers: {}, agent: undefined, audit: noAudit } as never, door);
  onTestFinished(() => {
    agent.destroy();
    server.close();
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  get({ agent, path: '/cluster' }).on('error', ({ message }) => resolve(message));
  return promise;
}

test('a refused port-forward is explained in the words of the API server', async () => {
  expect(await heard('{"kind":"Status","message":"pods/portforward is forbidden"}')).toBe(
    'pods/portforward is forbidden',
  );
});

test.each(['', '{}', '[]', 'null', '{"message":7}', 'Forbidden'])(
  'and by its status where it says %j',
  async (body) => {
    expect(await heard(body)).toBe('the API server answers a port-forward with 403');
  },
);
