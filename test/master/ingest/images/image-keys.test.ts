import { describe, expect, it } from 'vitest';
import { imageKeys, imageNames, textKey } from '../../../../master/ingest/images/image-keys.ts';
import { hex, imageOf, sha } from '../../../support/runtime.ts';

describe('the key of a reference', () => {
  it.each([
    [`docker-pullable://redis@${sha('a')}`, 'repo'],
    [`docker.io/library/redis@${sha('a')}`, 'repo'],
    [`redis:7@${sha('a')}`, 'repo'],
    [`docker://${sha('a')}`, 'id'],
    [sha('a'), 'id'],
    [hex('a'), 'id'],
  ])('finds the digest in %s', (reference, role) => {
    expect(textKey(reference)).toEqual({ key: sha('a'), role });
  });

  it.each(['redis:7', 'registry:5000/shop/api', 'localhost/x'])(
    'is the text itself of %s, which has no digest',
    (text) => {
      expect(textKey(text)).toEqual({ key: text, role: 'text' });
    },
  );
});

describe('the keys of an observation', () => {
  it('are the image id and every repo digest of an inspect', () => {
    const inspect = imageOf('a', { RepoDigests: [`redis@${sha('m')}`, `mirror/redis@${sha('n')}`] });
    expect(imageKeys({ inspect })).toEqual([
      { key: sha('a'), role: 'id' },
      { key: sha('m'), role: 'repo' },
      { key: sha('n'), role: 'repo' },
    ]);
  });

  it('leave a name out as soon as a digest is known', () => {
    expect(imageKeys({ image: 'redis:7', imageID: sha('a') })).toEqual([{ key: sha('a'), role: 'id' }]);
    expect(imageKeys({ image: 'redis:7', imageID: '' })).toEqual([{ key: 'redis:7', role: 'text' }]);
  });

  it('are empty for an empty name', () => {
    expect(imageKeys({ image: '', imageID: '' })).toEqual([]);
    expect(imageKeys({})).toEqual([]);
  });

  it('leave out what Docker writes for a lost tag', () => {
    const inspect = imageOf('a', { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] });
    expect(imageKeys({ inspect })).toHaveLength(1);
    expect(imageNames({ inspect })).toEqual([]);
  });
});

describe('the names of an observation', () => {
  it.each([
    ['redis:7', [{ name: 'redis:7', by: 'container' }]],
    [`redis:7@${sha('a')}`, [{ name: 'redis:7', by: 'container' }]],
    [`host:5000/redis@${sha('a')}`, [{ name: `host:5000/redis@${sha('a')}`, by: 'digest' }]],
    [sha('a'), []],
    ['ac933439ec5a', []],
    [undefined, []],
  ])('of a container that says %s', (image, names) => {
    expect(imageNames({ image })).toEqual(names);
  });

  it('are the tags of an inspect, or its repo digests where it has no tag', () => {
    const digest = `redis@${sha('m')}`;
    expect(imageNames({ inspect: imageOf('a', { RepoDigests: [digest] }) })).toEqual([{ name: 'a:latest', by: 'tag' }]);
    expect(imageNames({ inspect: imageOf('a', { RepoTags: null, RepoDigests: [digest] }) })).toEqual([
      { name: digest, by: 'digest' },
    ]);
  });
});
