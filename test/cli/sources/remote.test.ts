import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { sourceOfServer } from '../../../cli/sources/remote.ts';
import { textOf } from '../../../cli/sources/source.ts';

let server: Server | undefined;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

/** What is answered below a path, where everything is answered alike. */
async function askedBelow(path: string, body: string) {
  const answering = createServer((_, response) => void response.writeHead(404).end(body));
  server = answering;
  await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
  const { port } = answering.address() as AddressInfo;
  const source = await sourceOfServer({ url: `http://127.0.0.1:${port}${path}`, env: {} });
  try {
    const answer = await source.ask('/cluster');
    return { status: answer.status, text: await textOf(answer.body) };
  } finally {
    await source.close();
  }
}

const unknownPath = '{"success":false,"error":{"code":"not_found"}}';
const unknownResource = '{"success":false,"error":{"code":"unknown_resource"}}';

test('a base below which a master answers nothing is named as the mistake', async () => {
  await expect(askedBelow('/insight', unknownPath)).rejects.toThrow(/nothing of a master is below .*did you mean http/);
});

test('what a master answers at its own base, or of a resource, stays as it is', async () => {
  expect(await askedBelow('', unknownPath)).toEqual({ status: 404, text: unknownPath });
});

test('a resource that is unknown below a base is not the mistake of the base', async () => {
  expect(await askedBelow('/insight', unknownResource)).toEqual({ status: 404, text: unknownResource });
});
