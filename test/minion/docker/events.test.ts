import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventsPath, followEvents } from '../../../minion/docker/events.ts';

async function follow(chunks: readonly Buffer[]): Promise<string[]> {
  const said: string[] = [];
  const watcher = {
    watching: () => undefined,
    containerChanged: (id: string) => said.push(`container ${id}`),
    imageChanged: (id: string) => said.push(`image ${id}`),
  };
  async function* stream() {
    for (const chunk of chunks) yield chunk;
  }
  await followEvents(stream(), watcher);
  return said;
}

const line = (event: object) => `${JSON.stringify(event)}\n`;
const die = { Type: 'container', Action: 'die', Actor: { ID: 'abc', Attributes: { name: 'é😀' } } };

describe("Docker's events", () => {
  test('are asked of containers and images only', () => {
    expect(decodeURIComponent(eventsPath)).toBe('/events?filters={"type":["container","image"]}');
  });

  test('name what changed, however the stream is cut into pieces', async () => {
    const bytes = Buffer.from(
      line(die) + line({ Type: 'image', Action: 'tag', Actor: { ID: 'sha256:1' } }) + line(die),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
        const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
        expect(await follow(chunks)).toEqual(['container abc', 'image sha256:1', 'container abc']);
      }),
    );
  });

  test.each(['exec_create: sh -c x', 'exec_start: sh', 'exec_die', 'top', 'resize', 'attach'])(
    'of %s change nothing',
    async (Action) => {
      expect(await follow([Buffer.from(line({ ...die, Action }))])).toEqual([]);
    },
  );

  test('of the older form count too', async () => {
    expect(await follow([Buffer.from(line({ status: 'start', id: 'abc', Type: 'container' }))])).toEqual([
      'container abc',
    ]);
  });

  test('that are no JSON end the following, so that nothing is missed unseen', async () => {
    await expect(follow([Buffer.from('{"Type":\n')])).rejects.toThrow(/JSON/);
  });
});
