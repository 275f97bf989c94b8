// Targets of arrow keys, and the next level up.
import type { Picture } from '../screen/picture.ts';
import { namespaceOf } from '../words.ts';
import { start, type ViewState } from './view-state.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The card in a direction: along a relation if possible, otherwise the nearest. */
export function neighbourOf({ scene, spots, sizes }: Picture, focus: string, direction: Direction): string | undefined {
  const from = spots.get(focus);
  const first = firstOf({ scene, spots }, false);
  if (!from) return first;
  const isVertical = direction === 'up' || direction === 'down';
  const sign = direction === 'up' || direction === 'left' ? -1 : 1;
  const related = new Set(
    scene.lines.flatMap(({ source, target }) => (source === focus ? [target] : target === focus ? [source] : [])),
  );
  let best: string | undefined;
  let cost = Number.POSITIVE_INFINITY;
  for (const { key } of scene.cards) {
    const spot = spots.get(key);
    if (!spot || key === focus) continue;
    const [dx, dy] = [spot.x - from.x, spot.y - from.y];
    const ahead = (isVertical ? dy : dx) * sign;
    const aside = Math.abs(isVertical ? dx : dy);
    if (ahead <= 0 || (isVertical && aside > sizes.width / 2)) continue;
    const far = isVertical ? ahead + aside * 3 : ahead * 2 + aside;
    const own = !isVertical && scene.form !== 'grid' && !related.has(key) ? far + 1e6 : far;
    if (own < cost) [best, cost] = [key, own];
  }
  return best;
}

export function firstOf({ scene, spots }: Pick<Picture, 'scene' | 'spots'>, last: boolean): string | undefined {
  const isGrid = scene.form === 'grid';
  const sign = last ? -1 : 1;
  let best: string | undefined;
  let place: readonly [number, number] = [0, 0];
  for (const { key } of scene.cards) {
    const { x = 0, y = 0 } = spots.get(key) ?? {};
    const own = isGrid ? ([y, x] as const) : ([x, y] as const);
    if (best !== undefined && sign * (own[0] - place[0] || own[1] - place[1]) >= 0) continue;
    best = key;
    place = own;
  }
  return best;
}

/** One level up. Drops filters of the subject; keeps families and sizes. */
export function outOf(state: ViewState): ViewState {
  const { families, infrastructure, size, by, at, since, until } = state;
  const kept = { ...start, families, infrastructure, size, by, at, since, until };
  if (state.view === 'changes') return { ...kept, view: 'namespace', namespace: state.namespace };
  if (state.view === 'lanes' && state.application !== '')
    return { ...kept, view: 'namespace', namespace: state.namespace, focus: `application ${state.application}` };
  if (state.view === 'impact' || state.view === 'path')
    return { ...kept, view: 'around', id: state.id, focus: state.id };
  if (state.view === 'selection' && state.type !== '') return { ...kept, focus: `ResourceGroup:${state.type}` };
  const [only = ''] = state.view === 'findings' ? state.namespaces : [];
  if (only !== '') return { ...kept, view: 'namespace', namespace: only };
  const namespace = state.view === 'around' ? namespaceOf(state.id) : '';
  if (namespace !== '') return { ...kept, view: 'namespace', namespace, focus: state.id };
  return { ...kept, view: 'wall', focus: state.namespace === '' ? '' : `ResourceGroup:${state.namespace}` };
}
