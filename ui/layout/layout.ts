// Positions of cards. A box is placed; a spot is its upper left corner in pixels.

export interface Box {
  readonly key: string;
  readonly lane: number;
  readonly height: number;
  readonly order: string;
}

export interface Tie {
  readonly source: string;
  readonly target: string;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly spots: ReadonlyMap<string, Spot>;
  /** Left edges of existing lanes, which never move. */
  readonly lanes: ReadonlyMap<number, number>;
}

export interface Measures {
  readonly width: number;
  /** Between lanes, for lines. */
  readonly gutter: number;
  /** Between cards of a lane. */
  readonly gap: number;
}

export const measures: Measures = { width: 204, gutter: 66, gap: 14 };

/** Initial lanes are in order; later ones are added at the right, because nothing moves. */
export function lanesOf(boxes: readonly Box[], { width, gutter }: Measures, before?: Layout): Map<number, number> {
  const lanes = new Map(before?.lanes);
  const used = [...new Set(boxes.map(({ lane }) => lane))].sort((a, b) => a - b);
  let x = Math.max(0, ...[...lanes.values()].map((left) => left + width + gutter));
  for (const lane of used) {
    if (lanes.has(lane)) continue;
    lanes.set(lane, x);
    x += width + gutter;
  }
  return lanes;
}

/** Neighbours of each box, over ties with both ends placed. */
export function neighboursOf(boxes: readonly Box[], ties: readonly Tie[]): Map<string, string[]> {
  const neighbours = new Map<string, string[]>(boxes.map(({ key }) => [key, []]));
  for (const { source, target } of ties) {
    const from = neighbours.get(source);
    const to = neighbours.get(target);
    if (!from || !to || source === target) continue;
    from.push(target);
    to.push(source);
  }
  return neighbours;
}

export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
