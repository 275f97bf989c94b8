// Converts a plan to DOT, and Graphviz's answer to a layout. Numbers only: no name from the cluster reaches Graphviz.
import type { Layout, Plan, Point } from './layout.ts';

// Limits on the network simplex keep dense graphs near linear time; ordinary graphs are unaffected.
const settings = 'rankdir=LR,nodesep=0.16,ranksep=0.7,fontsize=13,labeljust=l,nslimit=2,nslimit1=2,mclimit=0.5';

export function graphOf({ boxes, frames, lines }: Plan): string {
  const nodes = boxes.map(({ width, height }, i) => `n${i} [width=${width / 72},height=${height / 72}]`);
  const framed = frames.map(({ titleLength, boxes }, i) => {
    return `subgraph cluster_${i} {label="${'n'.repeat(titleLength)}";${boxes.map((box) => `n${box}`).join(';')}}`;
  });
  const edges = lines.map(({ from, to, labelLength }, i) => {
    return `n${from}->n${to} [id=${i}${labelLength ? `,label="${'n'.repeat(labelLength)}"` : ''}]`;
  });
  const defaults = `graph [${settings}]\nnode [shape=box,fixedsize=true,label=""]\nedge [fontsize=9,arrowsize=0.7]`;
  return ['digraph {', defaults, ...nodes, ...framed, ...edges, ...gridsOf({ boxes, frames, lines }), '}'].join('\n');
}

/** Unconnected boxes would form one tall column: invisible edges arrange them in a grid. */
function gridsOf({ boxes, frames, lines }: Plan): string[] {
  const joined = new Set(lines.flatMap(({ from, to }) => [from, to]));
  const framed = new Set(frames.flatMap((frame) => frame.boxes));
  const outside = boxes.map((_, i) => i).filter((i) => !framed.has(i));
  return [...frames.map((frame) => frame.boxes), outside].flatMap((all) => {
    const alone = all.filter((box) => !joined.has(box));
    const rows = Math.ceil(Math.sqrt(alone.length * 3));
    return alone.slice(rows).map((box, i) => `n${alone[i]}->n${box} [style=invis]`);
  });
}

interface Drawn {
  readonly bb: string;
  readonly objects?: readonly { readonly name: string; readonly bb?: string; readonly pos?: string }[];
  readonly edges?: readonly { readonly id?: string; readonly pos?: string; readonly lp?: string }[];
}

export function layoutOf(plan: Plan, json: string): Layout {
  const drawn = JSON.parse(json) as Drawn;
  const [, , width = 0, height = 0] = numbersOf(drawn.bb);
  const flip = ([x = 0, y = 0]: readonly number[]): Point => ({ x, y: height - y });
  const objects = new Map(drawn.objects?.map((object) => [object.name, object]));
  const edges = new Map(drawn.edges?.map((edge) => [edge.id, edge]));
  return {
    width,
    height,
    boxes: plan.boxes.map((_, i) => flip(numbersOf(objects.get(`n${i}`)?.pos))),
    frames: plan.frames.map((_, i) => {
      const [left = 0, bottom = 0, right = 0, top = 0] = numbersOf(objects.get(`cluster_${i}`)?.bb);
      return { x: left, y: height - top, width: right - left, height: top - bottom };
    }),
    lines: plan.lines.map((_, i) => lineOf(edges.get(String(i)), flip)),
  };
}

/** `e,x,y x0,y0 x1,y1 …`: first the tip, then the curve. */
function lineOf(
  edge: { readonly pos?: string; readonly lp?: string } | undefined,
  flip: (numbers: readonly number[]) => Point,
): Layout['lines'][number] {
  const points = (edge?.pos ?? '').split(' ').filter((part) => part !== '');
  const curve = points.filter((part) => !/^[es]/.test(part)).map((part) => flip(numbersOf(part)));
  const end = points.find((part) => part.startsWith('e,'));
  const tip = end ? flip(numbersOf(end.slice(2))) : (curve.at(-1) ?? { x: 0, y: 0 });
  return { curve, tip, ...(edge?.lp ? { label: flip(numbersOf(edge.lp)) } : {}) };
}

function numbersOf(text = ''): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}
