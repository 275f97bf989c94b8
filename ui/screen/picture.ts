// The scene with positions: laid out once, then pinned. Positions are kept per picture.

import { families, placingFamilies } from '../families.ts';
import { arrange, list } from '../layout/arrange.ts';
import { type Grid, grid } from '../layout/grid.ts';
import { type Box, type Layout, type Measures, measures, type Spot } from '../layout/layout.ts';
import { pin } from '../layout/pin.ts';
import { createRouter, type Router } from '../layout/route.ts';
import type { ClusterModel } from '../model.ts';
import { type Card, cardHeight, type Line, type Scene } from '../rollup/card.ts';
import { knownCards } from '../rollup/known-cards.ts';
import { pictureOf, type ViewState } from '../state/view-state.ts';
import type { Memory, View } from '../views/view.ts';

export interface Picture {
  readonly scene: Scene;
  readonly spots: ReadonlyMap<string, Spot>;
  /** Left edges by lane, for headings. */
  readonly lanes: ReadonlyMap<number, number>;
  readonly width: number;
  readonly height: number;
  readonly sizes: Measures;
  readonly path: (line: Line) => string;
}

interface Kept {
  readonly memory: Memory;
  readonly cards: ReadonlyMap<string, Card>;
  readonly layout?: Layout | undefined;
  readonly grid?: Grid | undefined;
}

const gridWidths = { full: 232, name: 190, dot: 30 };
const laneSizes: { readonly [size in ViewState['size']]: Measures } = {
  full: measures,
  name: { width: 170, gutter: 60, gap: 10 },
  dot: { width: 30, gutter: 54, gap: 10 },
};
const wide: Measures = { width: 270, gutter: 72, gap: 14 };
const nameHeight = 30;
/** So many lines of one card are a fan. */
const fanned = 12;
/** More than users go back through. */
const mostKept = 50;

/** What a picture was made of. */
interface Made {
  readonly key: string;
  readonly version: number;
  readonly available: number;
  readonly picture: Picture;
}

export class Pictures {
  readonly #kept = new Map<string, Kept>();
  #made: Made | undefined;

  /** The same object while nothing that it shows has changed. `available`: width of the map, for walls. */
  of(view: View, model: ClusterModel, state: ViewState, available: number): Picture {
    const key = keyOf(state);
    const { version } = model;
    const made = this.#made;
    if (made && made.key === key && made.version === version && made.available === available) return made.picture;
    const picture = this.#make(key, view, model, state, available);
    this.#made = { key, version, available, picture };
    return picture;
  }

  #make(key: string, view: View, model: ClusterModel, state: ViewState, available: number): Picture {
    const kept = this.#kept.get(key);
    const { scene: fresh, memory } = view.scene(model, state, kept?.memory ?? {});
    const scene = { ...fresh, cards: knownCards(fresh.cards, kept?.cards ?? new Map()) };
    const boxes = scene.cards.map((card) => boxOf(card, state.size));
    const height = state.size === 'full' ? Math.max(cardHeight, ...boxes.map((box) => box.height)) : nameHeight;
    const gaps = { available, gap: state.size === 'dot' ? 8 : 12, width: gridWidths[state.size], height };
    const place =
      scene.form === 'grid' ? { grid: grid(boxes, gaps, kept?.grid) } : this.#laid(scene, boxes, state, kept);
    this.#keep(key, { memory, cards: new Map(scene.cards.map((card) => [card.key, card])), ...place });
    if (place.grid) return gridPicture(scene, place.grid, gaps);
    const { layout } = place as { readonly layout: Layout };
    const sizes = sizesOf(scene, state);
    const router = createRouter(boxes, layout, sizes);
    const bottoms = boxes.map(({ key: each, height }) => (layout.spots.get(each)?.y ?? 0) + height);
    return {
      scene,
      spots: layout.spots,
      lanes: layout.lanes,
      width: Math.max(0, ...layout.lanes.values()) + sizes.width,
      height: Math.max(0, ...bottoms),
      sizes,
      path: pathOf(scene, router),
    };
  }

  /** The next layout starts from nothing. */
  forget(state: ViewState): void {
    this.#kept.delete(keyOf(state));
    this.#made = undefined;
  }

  #laid(
    scene: Scene,
    boxes: readonly Box[],
    state: ViewState,
    kept: Kept | undefined,
  ): { layout: Layout; grid?: undefined } {
    const { form, lines } = scene;
    const ties = form === 'list' ? [] : lines.filter(({ family }) => placingFamilies.includes(family));
    const sizes = sizesOf(scene, state);
    if (kept?.layout) return { layout: pin(boxes, ties, kept.layout, sizes) };
    const layout = form === 'list' ? list(boxes, sizes) : arrange(boxes, ties, sizes);
    return { layout };
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key);
    // An empty picture does not count: the first cards are laid out, not pinned one by one.
    const isEmpty = (kept.layout?.spots.size ?? kept.grid?.spots.size ?? 0) === 0;
    if (isEmpty) return;
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** A fan of lines shares a trunk: as curves they would be one thick brush. */
function pathOf({ lines, trunks: isAll }: Scene, router: Router): Picture['path'] {
  const ties = new Map<string, number>();
  for (const { source, target } of lines) for (const end of [source, target]) ties.set(end, (ties.get(end) ?? 0) + 1);
  return (line) =>
    isAll || [line.source, line.target].some((end) => (ties.get(end) ?? 0) >= fanned)
      ? router.trunk(line, families.indexOf(line.family))
      : router.path(line);
}

function keyOf(state: ViewState): string {
  return `${state.size} ${pictureOf(state)}`;
}

function sizesOf({ wide: isWide }: Scene, { size }: ViewState): Measures {
  return isWide && size === 'full' ? wide : laneSizes[size];
}

function boxOf({ key, lane, height, order }: Card, size: ViewState['size']): Box {
  return { key, lane, height: size === 'full' ? height : nameHeight, order };
}

function gridPicture(
  scene: Scene,
  { spots, columns, width }: Grid,
  { height, gap }: { height: number; gap: number },
): Picture {
  const rows = Math.max(0, ...[...spots.values()].map(({ y }) => y + height));
  return {
    scene,
    spots,
    lanes: new Map([[0, 0]]),
    width: columns * (width + gap) - gap,
    height: rows,
    sizes: { width, gutter: gap, gap },
    path: () => '',
  };
}
