import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readSnapshot, snapshotIn } from '../../../../master/sources/runtime/read-snapshot.ts';
import { type NodeSnapshot, snapshotLimits } from '../../../../src/minion-api.ts';
import { hex, imageOf, inspectOf, snapshotOf } from '../../../support/runtime.ts';

const never = new AbortController().signal;
const redacting = { keepValues: false };
const keeping = { keepValues: true };
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const read = (value: unknown, options = keeping) => readSnapshot(bytes(value), options, never);

describe('a snapshot', () => {
  it('is what its JSON says, however that is spaced and whatever its strings hold', async () => {
    const names = fc.string({ unit: 'binary', maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(names, { maxLength: 4 }), fc.constantFrom(undefined, 1, '\t'), async (all, space) => {
        const containers = all.map((name, i) =>
          inspectOf(`c${i}`, { labels: { [`a"]}${name}`]: name }, fields: { Name: name, More: [[{}], name] } }),
        );
        const snapshot = { ...snapshotOf(containers, [imageOf('i')]), node: 'n"\\{[', more: { a: ['}'] } };
        const text = Buffer.from(JSON.stringify(snapshot, undefined, space));
        expect(await readSnapshot(text, keeping, never)).toEqual(JSON.parse(text.toString()));
      }),
    );
  });

  it('is refused as nonsense wherever it is cut off, and never read as less than it was', async () => {
    const whole = bytes(snapshotOf([inspectOf('a', { labels: { quote: 'a\\"]' } }), inspectOf('b')], [imageOf('i')]));
    for (let end = 0; end < whole.length; end += 7)
      await expect(readSnapshot(whole.subarray(0, end), keeping, never), String(end)).rejects.toMatchObject({
        code: 'minion_nonsense',
      });
    await expect(readSnapshot(Buffer.concat([whole, Buffer.from('{}')]), keeping, never)).rejects.toMatchObject({
      code: 'minion_nonsense',
    });
  });

  it('of a minion of 3.0 has its processes as a table', async () => {
    const table = { Titles: ['USER', 'PID', '%CPU', 'COMMAND'], Processes: [['root', '7', '0.1', 'sh']] };
    const { containers } = await read({
      ...snapshotOf([]),
      containers: [{ inspect: inspectOf('a'), processes: table }],
    });
    expect(containers[0]?.processes).toEqual([{ pid: 7, user: 'root', cpuPercent: 0.1, command: 'sh' }]);
  });

  it('is redacted here, too, unless values are kept: a minion that was taken over does not do it', async () => {
    const fields = { Config: { Image: 'i', Labels: {}, Env: ['PASSWORD=c4n4ry'] }, Args: ['--token=c4n4ry'] };
    const processes = [{ pid: 1, command: 'app --password c4n4ry', others: { NOTE: '--token=c4n4ry' } }];
    const snapshot = {
      ...snapshotOf([], [imageOf('i', { Config: { Env: ['KEY=c4n4ry'] } })]),
      containers: [{ inspect: inspectOf('a', { fields }), processes }],
    };
    expect(JSON.stringify(await read(snapshot, redacting))).not.toContain('c4n4ry');
    expect(JSON.stringify(await read(snapshot)).match(/c4n4ry/g)).toHaveLength(5);
  });

  it('that came redacted stays as it is', async () => {
    const fields = { Config: { Image: 'i', Labels: {}, Env: ['PASSWORD=c4n4ry'] }, Args: ['--token=c4n4ry'] };
    const once = await read(snapshotOf([inspectOf('a', { fields })]), redacting);
    expect(await read(JSON.parse(JSON.stringify(once)), redacting)).toEqual(once);
  });
});

describe('the images that no container uses', () => {
  const stored = (seed: string, more: object = {}) => ({ Id: hex(seed), RepoTags: [`${seed}:1`], Size: 5, ...more });

  it('are what the node says of them, and nothing that is not known', async () => {
    const others = [stored('a', { unused: true }), stored('b', { pinned: true, Labels: { team: 'x' }, More: [1] })];
    const read = await readSnapshot(bytes({ ...snapshotOf([]), others }), keeping, never);
    expect(read.others).toEqual([stored('a', { unused: true }), stored('b', { pinned: true })]);
    expect(await readSnapshot(bytes(snapshotOf([])), keeping, never)).not.toHaveProperty('others');
  });

  it.each([
    ['no list', {}],
    ['no object', ['x']],
    ['of no id', [{ RepoTags: [] }]],
    ['of a negative size', [stored('a', { Size: -1 })]],
    ['unused in words', [stored('a', { unused: 'yes' })]],
  ])('are refused as nonsense when they are %s', async (_what, others) => {
    const whole = { ...snapshotOf([]), others };
    await expect(read(whole)).rejects.toMatchObject({ code: 'minion_nonsense' });
  });

  it('count with the others as images of the node, and do not replace the lists that must be there', async () => {
    const many = Array.from({ length: snapshotLimits.images }, (_, i) => stored(`i${i}`));
    const { others, partly } = await read({ ...snapshotOf([], [imageOf('i')]), others: many });
    expect([others?.length, partly]).toEqual([snapshotLimits.images - 1, '1 more images']);
    const { images: _, ...rest } = { ...snapshotOf([]), others: many };
    await expect(read(rest)).rejects.toMatchObject({ code: 'minion_nonsense' });
  });

  it('are redacted here, too', async () => {
    const others = [stored('a', { RepoTags: ['https://u:c4n4ry-p4ss@r.example/app:1'] })];
    expect(JSON.stringify(await read({ ...snapshotOf([]), others }, redacting))).not.toContain('c4n4ry-p4ss');
  });
});

describe('a node that says more than a node can have', () => {
  const listOf = (count: number, item: (i: number) => string) =>
    `[${Array.from({ length: count }, (_, i) => item(i)).join(',')}]`;
  const runtime = '"runtime":{"name":"docker","version":"1"}';
  const template = JSON.stringify({ inspect: inspectOf('a') });
  const nodeOf = (containers: string, images = '[]') =>
    Buffer.from(`{${runtime},"containers":${containers},"images":${images}}`);

  it('is cut to so many containers and images, and says how many were left out', async () => {
    const containers = listOf(snapshotLimits.containers + 12, () => template);
    const images = listOf(snapshotLimits.images + 3, (i) => `{"Id":"sha256:${i}"}`);
    const snapshot = await readSnapshot(nodeOf(containers, images), keeping, never);
    expect(snapshot.containers).toHaveLength(snapshotLimits.containers);
    expect(snapshot.images).toHaveLength(snapshotLimits.images);
    expect(snapshot.partly).toBe('12 more containers, 3 more images');
  });

  it('is cut to so many processes of a container and of all', async () => {
    const processes = listOf(2500, (i) => `{"pid":${i}}`);
    const one = `{"inspect":${JSON.stringify(inspectOf('a'))},"processes":${processes}}`;
    const { containers } = await readSnapshot(nodeOf(listOf(20, () => one)), keeping, never);
    expect(containers[0]?.processes).toHaveLength(snapshotLimits.processesOfContainer);
    expect(containers[0]?.error).toBe('500 more processes are not listed');
    const all = containers.reduce((sum, each) => sum + (each.processes?.length ?? 0), 0);
    expect(all).toBe(snapshotLimits.processes);
    expect(containers.at(-1)).toMatchObject({ processes: [], error: '2500 more processes are not listed' });
  });

  it.each([
    ['rows of a table', '["1"]'],
    ['empty objects', '{}'],
    ['empty lists', '[]'],
    ['processes', '{"pid":1}'],
  ])('with millions of %s in one container loses that one alone, unparsed', (_what, row) => {
    const many = Buffer.alloc(2_200_000 * (row.length + 1), `${row},`);
    const rows = Buffer.concat([Buffer.from('['), many, Buffer.from(`${row}]`)]);
    const body = Buffer.concat([
      Buffer.from(`{${runtime},"images":[],"containers":[{"inspect":${JSON.stringify(inspectOf('bad'))},"processes":`),
      row.startsWith('[') ? Buffer.from('{"Titles":["PID"],"Processes":') : Buffer.alloc(0),
      rows,
      Buffer.from(`${row.startsWith('[') ? '}' : ''}},${template}]}`),
    ]);
    expect(body.length).toBeGreaterThan(6_000_000);
    let steps = 0;
    // As objects it would take hundreds of megabytes.
    const parse = vi.spyOn(JSON, 'parse');
    const reading = snapshotIn(body, keeping);
    let result = reading.next();
    for (; !result.done; result = reading.next()) steps++;
    const parsed = parse.mock.calls.map(([text]) => text.length);
    parse.mockRestore();
    expect(parsed).toContain(template.length);
    expect(Math.max(...parsed)).toBeLessThan(100_000);
    const snapshot = result.value as NodeSnapshot;
    expect(snapshot.containers.map(({ inspect }) => inspect.Id)).toEqual([hex('a')]);
    expect(snapshot.partly).toBe('1 more containers');
    // Nothing blocked the event loop meanwhile.
    expect(steps).toBeGreaterThan(body.length / 200_000);
  });

  it('cannot spend the memory in small pieces, either', async () => {
    const empty = `"More":${listOf(60_000, () => '{}')}`;
    const one = (i: number) => `{"inspect":{${empty},${JSON.stringify(inspectOf(`c${i}`)).slice(1)}}`;
    const snapshot = await readSnapshot(nodeOf(listOf(100, one)), keeping, never);
    expect(snapshot.containers).toHaveLength(33);
    expect(snapshot.partly).toBe('67 more containers');
  });

  it.each([
    [
      'nested without end',
      `{"inspect":{"More":${'['.repeat(5000)}${']'.repeat(5000)},${JSON.stringify(inspectOf('x')).slice(1)}}`,
    ],
    [
      'of an inspect beyond all measure',
      JSON.stringify({ inspect: inspectOf('x', { fields: { More: 'x'.repeat(300_000) } }) }),
    ],
    ['longer than a container can be', JSON.stringify({ inspect: inspectOf('x'), error: 'x'.repeat(5_000_000) })],
  ])('has no container that is %s', async (_what, container) => {
    const snapshot = await readSnapshot(nodeOf(`[${container},${template}]`), keeping, never);
    expect(snapshot.containers.map(({ inspect }) => inspect.Id)).toEqual([hex('a')]);
    expect(snapshot.partly).toBe('1 more containers');
  });

  it('ends when the caller has no more time', async () => {
    const caller = new AbortController();
    const reading = readSnapshot(nodeOf(listOf(4000, () => template)), keeping, caller.signal);
    caller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
