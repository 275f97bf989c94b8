// The graph as a picture: boxes by type, a frame per namespace, lines by relation, and a legend. It has no scripts, style
// sheets or references except the links of boxes, so it works under a strict content policy.
import { type Layout, layOut } from './layout/layout.ts';
import { escapeXml } from './parts/xml.ts';
import { drawingOf } from './picture/drawing.ts';
import { legendOf } from './picture/legend.ts';
import { planOf, type Scene, sceneOf } from './picture/scene.ts';
import type { Pieces, View, ViewGraph, ViewOptions } from './view.ts';

const margin = 16;
const heading = 48;

export const svg = {
  name: 'svg',
  preference: 2,
  mediaTypes: ['image/svg+xml'],
  extension: 'svg',
  limit: { resources: 600, relations: 2000 },
  async write(graph: ViewGraph, options: ViewOptions = {}): Promise<Pieces> {
    const scene = sceneOf(graph);
    return pictureOf(graph, scene, await layOut(planOf(scene)), options);
  },
} as const satisfies View;

function* pictureOf(graph: ViewGraph, scene: Scene, layout: Layout, options: ViewOptions): Pieces {
  const width = Math.ceil(Math.max(layout.width, 560)) + 2 * margin;
  const legend = legendOf(scene, width - 2 * margin);
  const height = Math.ceil(heading + layout.height + legend.height) + 2 * margin;
  const title = graph.clusterName ?? 'Cluster';
  yield `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `;
  yield `font-family="Helvetica Neue,Helvetica,Arial,sans-serif" role="img">\n<title>${escapeXml(title)}</title>\n`;
  yield `<rect width="${width}" height="${height}" fill="#ffffff"/>\n`;
  yield headingOf(title, graph);
  yield `<g transform="translate(${margin} ${heading + margin})">\n`;
  yield* drawingOf(scene, layout, options);
  yield `</g>\n<g transform="translate(${margin} ${heading + margin + Math.ceil(layout.height)})">\n`;
  yield `${legend.text}</g>\n</svg>\n`;
}

function headingOf(title: string, { revision, timestamp, resources, relations }: ViewGraph): string {
  const facts = `${resources.length} resources, ${relations.length} relations, revision ${revision}, ${timestamp}`;
  return `<text x="${margin}" y="30" font-size="18" font-weight="bold" fill="#1f2328">${escapeXml(title)}</text>
<text x="${margin}" y="48" font-size="11" fill="#57606a">${escapeXml(facts)}</text>\n`;
}
