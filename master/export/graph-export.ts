// One run that sends the graph's resources and relations at one revision.
import type { Choice } from './choice.ts';
import { GraphFilter } from './graph-filter.ts';
import { graphLines, outcomesOf, standingOf, type Whole } from './graph-lines.ts';
import type { GraphSource } from './graph-source.ts';
import type { Oversize } from './manifest.ts';
import { bodies, joinedLines, type Outcome } from './objects-export.ts';
import { type Item, largestItem, pagesOf } from './pages.ts';
import type { helmReleases } from './releases/helm.ts';
import type { PageSender } from './send-pages.ts';

export interface GraphOptions {
  readonly source: GraphSource;
  readonly choice: Choice;
  /** `group/resource` by type, from discovery. */
  readonly names: ReadonlyMap<string, string>;
  /** Bytes. */
  readonly pageSize: number;
  /** Reads Helm releases, if wanted. */
  readonly helm: (() => ReturnType<typeof helmReleases>) | undefined;
  readonly sender: PageSender;
}

export interface GraphOutcome extends Outcome {
  readonly relations: number;
  readonly whole: Whole;
  /** Records what was sent, to filter changes. */
  readonly filter: GraphFilter;
}

export async function exportGraph(options: GraphOptions): Promise<GraphOutcome> {
  const { source, choice, names, sender, pageSize } = options;
  const standing = await standingOf(source, names, choice);
  const withheld = [...standing.types].filter(([, { state }]) => state !== 'complete').map(([type]) => type);
  const filter = new GraphFilter(choice, names, new Set(withheld));
  const lines = await graphLines(source, filter);
  const oversize: Oversize[] = [];
  const tooLarge = ({ id, bytes }: Item) => {
    filter.drop(id);
    oversize.push({ id, bytes: bytes.length });
  };
  await sender.send('graph', bodies(pagesOf(lines, { page: pageSize, item: largestItem }, tooLarge), joinedLines));
  const helm = await options.helm?.();
  const releases = helm?.releases.map(({ id, bytes }) => ({
    id,
    bytes: Buffer.concat([Buffer.from('{"release":'), bytes, Buffer.from('}')]),
  }));
  await sender.send(
    'helm',
    bodies(pagesOf(releases ?? [], { page: pageSize, item: largestItem }, tooLarge), joinedLines),
  );
  const { byType, relations } = lines.counts;
  const types = { ...outcomesOf(standing, byType), ...(helm ? { 'helm.sh/releases': helm.outcome } : {}) };
  return { types, unknown: standing.unknown, oversize, relations, whole: lines.whole(), filter };
}
