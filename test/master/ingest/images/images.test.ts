import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageKeys, imageNames } from '../../../../master/ingest/images/image-keys.ts';
import {
  createImages,
  type Image,
  type ImageObservation,
  type Images,
  type ImagesChange,
  type ImagesOptions,
} from '../../../../master/ingest/images/images.ts';
import { hex, imageOf, sha } from '../../../support/runtime.ts';

/** Applies the changes, as the store does. */
function createMirror() {
  const images = new Map<string, Image>();
  const keys = new Map<string, string>();
  const changes: ImagesChange[] = [];
  return {
    images,
    keys,
    changes,
    onChange(change: ImagesChange) {
      changes.push(change);
      for (const id of change.vanished) images.delete(id);
      for (const image of change.changed) images.set(image.id, image);
      for (const [key, id] of change.keys) {
        if (id === undefined) keys.delete(key);
        else keys.set(key, id);
      }
    },
  };
}

/** Images that are settled after each observation. */
function createPrompt(options?: ImagesOptions): Omit<Images, 'settle'> {
  const images = createImages(options);
  const promptly =
    <A extends readonly unknown[]>(tell: (...told: A) => void) =>
    (...told: A) => {
      tell(...told);
      images.settle();
    };
  return { ...images, observe: promptly(images.observe), forget: promptly(images.forget) };
}

function observed(observations: readonly ImageObservation[]): Images {
  const images = createImages();
  observations.forEach((observation, i) => images.observe(`owner-${i}`, observation));
  images.settle();
  return images;
}

describe('one image is one resource', () => {
  it('whether seen by tag, repo digest, config digest or bare id, on any node', () => {
    const images = observed([
      { image: 'redis:7', imageID: `docker-pullable://redis@${sha('manifest')}` },
      { image: 'docker.io/library/redis:7', imageID: sha('config') },
      { image: 'redis:stable', imageID: hex('config') },
      { node: 'n1', inspect: imageOf('config', { RepoTags: ['redis:7'], RepoDigests: [`redis@${sha('manifest')}`] }) },
      {
        node: 'n2',
        inspect: imageOf('config', { RepoTags: ['redis:stable'], RepoDigests: [`mirror/redis@${sha('other')}`] }),
      },
    ]);
    expect(images.list()).toHaveLength(1);
    const smallest = [sha('manifest'), sha('other')].sort()[0];
    expect(images.list()[0]?.id).toBe(`Image:${smallest}`);
    for (const key of [`x@${sha('manifest')}`, sha('config'), hex('config'), `docker://${sha('other')}`]) {
      expect(images.resolve(key), key).toBe(`Image:${smallest}`);
    }
  });

  it('of several architectures when their index digest is the same', () => {
    const images = observed([
      { node: 'amd', inspect: imageOf('amd-config', { RepoDigests: [`redis@${sha('index')}`] }) },
      { node: 'arm', inspect: imageOf('arm-config', { RepoDigests: [`redis@${sha('index')}`] }) },
    ]);
    expect(images.list().map(({ id }) => id)).toEqual([`Image:${sha('index')}`]);
  });

  it('but two images of one name stay two', () => {
    const images = observed([
      { image: 'redis:latest', imageID: sha('old') },
      { image: 'redis:latest', imageID: sha('new') },
    ]);
    expect(images.list()).toHaveLength(2);
    expect(images.resolve('redis:latest')).toBeUndefined();
  });

  it("by its smallest image id without a registry's digest, and by its text if no node has it", () => {
    const images = observed([
      { image: 'local:1', imageID: sha('config') },
      { image: 'nowhere/app:1', imageID: '' },
    ]);
    expect(images.resolve(sha('config'))).toBe(`Image:${sha('config')}`);
    expect(images.resolve('nowhere/app:1')).toBe('Image:nowhere/app:1');
    expect(images.get('Image:nowhere/app:1')).toMatchObject({ label: 'nowhere/app:1', digests: [] });
  });
});

describe('what an image is called', () => {
  it('is labelled with twelve digits and named as its containers name it', () => {
    const images = observed([
      { image: 'redis:7', imageID: sha('config') },
      { node: 'n1', inspect: imageOf('config', { RepoTags: ['aaa:1', 'redis:7'] }) },
    ]);
    expect(images.list()[0]).toMatchObject({
      label: hex('config').slice(0, 12),
      alternateLabel: 'redis:7',
      names: ['aaa:1', 'redis:7'],
      digests: [sha('config')],
    });
  });

  it('falls back to a tag, then to a repository with its digest', () => {
    const digest = `redis@${sha('m')}`;
    const tagged = observed([{ node: 'n', inspect: imageOf('c', { RepoTags: ['b:1', 'a:1'] }) }]);
    const bare = observed([{ node: 'n', inspect: imageOf('c', { RepoTags: null, RepoDigests: [digest] }) }]);
    const nameless = observed([{ image: sha('c'), imageID: sha('c') }]);
    expect(tagged.list()[0]?.alternateLabel).toBe('a:1');
    expect(bare.list()[0]?.alternateLabel).toBe(digest);
    expect(nameless.list()[0]).not.toHaveProperty('alternateLabel');
  });

  it('has the inspect data of the smallest node without node-specific fields, otherwise only its name', () => {
    const local = { GraphDriver: { Data: { UpperDir: '/var/x' } }, Metadata: { LastTagTime: 'now' } };
    const images = createPrompt();
    images.observe('pod', { image: 'redis:7', imageID: sha('c') });
    expect(images.list()[0]?.properties).toEqual({ metadata: { name: 'redis:7' } });
    images.observe('n2', { node: 'n2', inspect: imageOf('c', { Size: 2, ...local }) });
    images.observe('n1', { node: 'n1', inspect: imageOf('c', { Size: 1, ...local }) });
    expect(images.list()[0]?.properties).toEqual(imageOf('c', { Size: 1 }));
    images.forget('n1');
    expect(images.list()[0]?.properties).toEqual(imageOf('c', { Size: 2 }));
  });
});

describe('what changes are announced', () => {
  it('names the ids that vanish and the keys that move when two images turn out to be one', () => {
    const mirror = createMirror();
    const images = createPrompt(mirror);
    images.observe('a', { image: 'redis:7', imageID: `redis@${sha('m')}` });
    images.observe('b', { image: 'redis:7', imageID: sha('a-config') });
    images.observe('n', { node: 'n', inspect: imageOf('a-config', { RepoDigests: [`redis@${sha('m')}`] }) });
    const last = mirror.changes.at(-1);
    expect(last?.vanished).toEqual([`Image:${sha('a-config')}`]);
    expect(last?.changed.map(({ id }) => id)).toEqual([`Image:${sha('m')}`]);
    expect([...(last?.keys ?? [])]).toEqual([[sha('a-config'), `Image:${sha('m')}`]]);
    images.forget('n');
    expect(mirror.keys.get(sha('a-config'))).toBe(`Image:${sha('a-config')}`);
    expect([...mirror.images.keys()].sort()).toEqual([`Image:${sha('a-config')}`, `Image:${sha('m')}`].sort());
  });

  it('is nothing for one more observer of the same, and nothing when it goes', () => {
    const mirror = createMirror();
    const images = createPrompt(mirror);
    const same = { image: 'redis:7', imageID: sha('c') };
    images.observe('first', same);
    images.observe('second', same);
    images.forget('first');
    images.observe('second', { ...same });
    expect(mirror.changes).toHaveLength(1);
    images.forget('second');
    expect(mirror.changes.at(-1)).toEqual({
      changed: [],
      vanished: [`Image:${sha('c')}`],
      keys: new Map([[sha('c'), undefined]]),
    });
    expect(images.list()).toEqual([]);
  });

  it('comes once for all that an owner says', () => {
    const mirror = createMirror();
    const images = createPrompt(mirror);
    images.observe('pod', [
      { image: 'a:1', imageID: sha('a') },
      { image: 'b:1', imageID: sha('b') },
    ]);
    images.observe('pod', [{ image: 'b:1', imageID: sha('b') }]);
    expect(mirror.changes).toHaveLength(2);
    expect(images.list().map(({ id }) => id)).toEqual([`Image:${sha('b')}`]);
  });
});

describe('what is observed before it is settled', () => {
  it('is announced once, and not at all where nothing is left of it', () => {
    const mirror = createMirror();
    const images = createImages(mirror);
    images.observe('a', { image: 'redis:7', imageID: sha('c') });
    images.observe('b', { image: 'redis:8', imageID: sha('c') });
    expect(images.list()).toEqual([]);
    images.settle();
    images.settle();
    expect(mirror.changes).toHaveLength(1);
    expect(images.list()[0]?.names).toEqual(['redis:7', 'redis:8']);
    images.forget('a');
    images.observe('b', { image: 'other:1', imageID: sha('d') });
    images.observe('a', { image: 'redis:8', imageID: sha('c') });
    images.observe('b', { image: 'redis:7', imageID: sha('c') });
    images.settle();
    expect(mirror.changes).toHaveLength(1);
  });

  it('is taken in as it was last said where an image goes and comes back', () => {
    const mirror = createMirror();
    const images = createImages(mirror);
    images.observe('a', { image: 'redis:7', imageID: sha('c') });
    images.settle();
    images.forget('a');
    images.observe('b', { image: 'redis:8', imageID: sha('c') });
    images.settle();
    expect(mirror.changes.at(-1)).toMatchObject({ changed: [{ names: ['redis:8'] }], vanished: [], keys: new Map() });
  });
});

describe('cost', () => {
  it('does not walk the observers of an image again: 150,000 of them set off one announcement', () => {
    const mirror = createMirror();
    const images = createPrompt(mirror);
    for (let i = 0; i < 150_000; i++) images.observe(`pod-${i}`, { image: 'redis:7', imageID: sha('c') });
    for (let i = 1; i < 150_000; i++) images.forget(`pod-${i}`);
    expect(mirror.changes).toHaveLength(1);
    expect(images.list()).toHaveLength(1);
  });

  it('does not put an image together for each of its names: 20,000 of them at once make one announcement', () => {
    const mirror = createMirror();
    const images = createImages(mirror);
    for (let i = 0; i < 20_000; i++) images.observe(`pod-${i}`, { image: `mirror-${i}/redis:7`, imageID: sha('c') });
    images.settle();
    expect(mirror.changes).toHaveLength(1);
    expect(images.list()[0]?.names).toHaveLength(20_000);
  });
});

const seeds = ['a', 'b', 'c', 'd', 'e'];
const seed = fc.constantFrom(...seeds);
const name = fc.constantFrom('redis:7', 'redis', 'host:5000/x/y:1', '', 'ac933439ec5a');
const status = fc.record({
  image: fc.oneof(
    name,
    seed.map(sha),
    fc.tuple(name, seed).map(([text, each]) => `${text}@${sha(each)}`),
  ),
  imageID: fc.oneof(
    fc.constant(''),
    seed.map(sha),
    seed.map(hex),
    seed.map((each) => `docker-pullable://r@${sha(each)}`),
  ),
});
const runtime = fc
  .record({
    node: fc.constantFrom('n1', 'n2', 'n3'),
    id: seed,
    tags: fc.option(fc.subarray(['redis:7', 'x:1', '<none>:<none>']), { nil: null }),
    digests: fc.option(fc.subarray(seeds), { nil: null }),
    size: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ node, id, tags, digests, size }) => ({
    node,
    inspect: imageOf(id, {
      RepoTags: tags,
      RepoDigests: digests && digests.map((each) => `r@${sha(each)}`),
      Size: size,
    }),
  }));
const observation: fc.Arbitrary<ImageObservation> = fc.oneof(status, runtime);
const operation = fc.record({
  owner: fc.constantFrom('o1', 'o2', 'o3', 'o4', 'o5', 'o6'),
  says: fc.array(observation, { maxLength: 3 }),
});

/** Two contents of one image on a few nodes: the smallest node of each content changes all the time. */
const contested = fc
  .record({ node: fc.constantFrom('n1', 'n2', 'n3', 'n4'), size: fc.integer({ min: 1, max: 2 }) })
  .map(({ node, size }) => ({ node, inspect: imageOf('a', { Size: size }) }));
const handover = fc.record({
  owner: fc.constantFrom('o1', 'o2', 'o3', 'o4', 'o5', 'o6'),
  says: fc.array(contested, { maxLength: 2 }),
});

const texts = ['redis:7', 'redis', 'host:5000/x/y:1', 'ac933439ec5a'];

function stateOf(images: Pick<Images, 'list' | 'resolve'>): unknown {
  const keys = [...seeds.map(sha), ...texts];
  return { images: images.list(), keys: keys.map((key) => [key, images.resolve(key)]) };
}

/** The same computed naively: all observations at once, grouped until no two groups share a key. */
function plainly(observations: readonly ImageObservation[]): Pick<Images, 'list' | 'resolve'> {
  let groups = observations.map((each) => [each]).filter(([each]) => imageKeys(each as ImageObservation).length > 0);
  const keysOf = (group: readonly ImageObservation[]) => group.flatMap((each) => imageKeys(each));
  const meet = (a: readonly ImageObservation[], b: readonly ImageObservation[]) =>
    keysOf(a).some(({ key }) => keysOf(b).some((other) => other.key === key));
  for (let before = 0; before !== groups.length; ) {
    before = groups.length;
    groups = groups.reduce<ImageObservation[][]>((apart, group) => {
      const near = apart.filter((other) => meet(other, group));
      return [...apart.filter((other) => !near.includes(other)), [...near.flat(), ...group]];
    }, []);
  }
  const list = groups.map(plainImage).sort((a, b) => (a.id < b.id ? -1 : 1));
  const resolve = (key: string) => list[list.findIndex(({ all }) => all.includes(key))]?.id;
  return { list: () => list.map(({ all: _, ...image }) => image), resolve };
}

function plainImage(group: readonly ImageObservation[]): Image & { all: string[] } {
  const least = <T>(items: readonly T[], text: (item: T) => string) =>
    items.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0))[0];
  const sorted = (items: readonly string[]) => [...new Set(items)].sort();
  const keys = group.flatMap((each) => imageKeys(each));
  const names = group.flatMap((each) => imageNames(each));
  const canonical = least(keys, ({ key, role }) => `${['repo', 'id', 'text'].indexOf(role)} ${key}`)?.key ?? '';
  const name = least(names, ({ name, by }) => `${['container', 'tag', 'digest'].indexOf(by)} ${name}`)?.name;
  const runtimes = group.filter((each) => 'inspect' in each);
  const inspect = least(runtimes, ({ node, inspect }) => `${node} ${inspect.Id} ${signatureOf(inspect)}`)?.inspect;
  const all = sorted(keys.map(({ key }) => key));
  return {
    all,
    id: `Image:${canonical}`,
    label: canonical.startsWith('sha256:') ? canonical.slice(7, 19) : canonical,
    ...(name === undefined ? {} : { alternateLabel: name }),
    names: sorted(names.map((each) => each.name)),
    digests: all.filter((key) => key.startsWith('sha256:')),
    properties: inspect ?? { metadata: { name: name ?? canonical } },
  };
}

/** Two statements of one node about one image are told apart by their hash. */
const signatureOf = (inspect: object) => hash('sha1', JSON.stringify(inspect), 'base64');

describe('the invariant', () => {
  it.each([
    ['any operations', operation],
    ['nodes that come and go', handover],
  ])(
    'holds after %s, settled whenever: equal to what is said plainly, in any order, and as announced',
    (_what, said) => {
      const operations = fc.array(fc.record({ one: said, settles: fc.boolean() }), { maxLength: 30 });
      fc.assert(
        fc.property(operations, fc.infiniteStream(fc.nat()), (operations, numbers) => {
          const mirror = createMirror();
          const images = createImages(mirror);
          const latest = new Map<string, readonly ImageObservation[]>();
          for (const { one, settles } of operations) {
            const { owner, says } = one;
            if (says.length > 0) images.observe(owner, says);
            else images.forget(owner);
            latest.set(owner, says);
            if (settles) images.settle();
          }
          images.settle();
          const anew = createImages();
          const shuffled = [...latest]
            .map((entry) => ({ entry, at: numbers.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at);
          for (const {
            entry: [owner, says],
          } of shuffled)
            anew.observe(owner, says);
          anew.settle();
          expect(stateOf(images)).toEqual(stateOf(anew));
          expect(stateOf(images)).toEqual(stateOf(plainly([...latest.values()].flat())));
          expect([...mirror.images.values()].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(images.list());
          for (const [key, id] of mirror.keys) expect(images.resolve(key)).toBe(id);
          expect(new Set(mirror.keys.values())).toEqual(new Set(images.list().map(({ id }) => id)));
        }),
        { numRuns: 500 },
      );
    },
  );
});
