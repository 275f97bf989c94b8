import { containerCreatedFromImage, containerRuntimeImage } from '../../../master/relations/container-image.ts';
import { object, ruleCases } from '../../support/rule-cases.ts';

const hex = 'c1'.repeat(32);
const image = (key: string) => ({ by: 'key', index: 'image', key }) as const;
const container = (imageID: unknown) => object('v1', 'Container', { status: { imageID } });
const fromStatus = [{ target: image(`sha256:${hex}`), field: 'status.imageID' }];

ruleCases(containerCreatedFromImage, [
  {
    says: 'a Container is created from the Image of its repository digest',
    object: container(`docker.io/library/redis@sha256:${hex}`),
    refers: fromStatus,
  },
  {
    says: 'the prefix docker-pullable:// is cut',
    object: container(`docker-pullable://redis@sha256:${hex}`),
    refers: fromStatus,
  },
  { says: 'the prefix docker:// is cut', object: container(`docker://sha256:${hex}`), refers: fromStatus },
  { says: 'a config digest is a key as a manifest digest is', object: container(`sha256:${hex}`), refers: fromStatus },
  { says: 'a bare digest, as CRI-O writes it, is one too', object: container(hex), refers: fromStatus },
  {
    says: 'an image that has no digest is known by its reference',
    object: container('registry:5000/team/app:1.2'),
    refers: [{ target: image('registry:5000/team/app:1.2'), field: 'status.imageID' }],
  },
  { says: 'several tags of one digest are one key', object: container(`redis:7@sha256:${hex}`), refers: fromStatus },
  { says: 'a Container that waits has no Image yet', object: container(''), refers: [] },
  { says: 'a Container without a status has no Image yet', object: object('v1', 'Container'), refers: [] },
]);

ruleCases(containerRuntimeImage, [
  {
    says: 'a Container is created from the Image that its runtime names by id',
    object: object('v1', 'Container', { runtime: { Image: `sha256:${hex}` } }),
    refers: [{ target: image(`sha256:${hex}`), field: 'runtime.Image' }],
  },
  { says: 'a Container that no runtime speaks of says nothing', object: container(hex), refers: [] },
]);
