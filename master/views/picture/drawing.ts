// Frames, lines and boxes of a scene at their positions.
import type { Layout, Point } from '../layout/layout.ts';
import { fieldOf } from '../parts/display.ts';
import { healthSentence } from '../parts/health.ts';
import { resourceUrl } from '../parts/link.ts';
import { hexColourOf, relationColourOf } from '../parts/palette.ts';
import { escapeXml } from '../parts/xml.ts';
import type { ViewOptions } from '../view.ts';
import type { Box, Frame, Line, Scene } from './scene.ts';

export const dashes = { missing: '5 3', unverified: '1.5 3' } as const;

/** The stroke attribute of a missing or unverified resource. */
export function dashOf({
  missing,
  absent,
  unverified,
}: {
  missing?: unknown;
  absent?: unknown;
  unverified?: unknown;
}): string {
  if (missing || absent) return ` stroke-dasharray="${dashes.missing}"`;
  return unverified ? ` stroke-dasharray="${dashes.unverified}"` : '';
}

export function* drawingOf({ boxes, frames, lines }: Scene, layout: Layout, options: ViewOptions): Iterable<string> {
  for (const [i, frame] of frames.entries()) yield frameAt(frame, layout.frames[i] as Layout['frames'][number]);
  for (const [i, line] of lines.entries()) yield lineAt(line, layout.lines[i] as Layout['lines'][number]);
  for (const [i, box] of boxes.entries()) yield boxAt(box, layout.boxes[i] as Point, options);
  // Labels last, so that no line crosses them.
  for (const [i, line] of lines.entries()) yield wordAt(line, layout.lines[i] as Layout['lines'][number]);
}

function frameAt({ namespace }: Frame, { x, y, width, height }: Layout['frames'][number]): string {
  const at = `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;
  return `<rect ${at} rx="10" fill="#f6f8fa" stroke="#d0d7de"/>
<text x="${short(x + 12)}" y="${short(y + 19)}" font-size="13" font-weight="bold" fill="#57606a">${escapeXml(namespace)}</text>\n`;
}

function lineAt({ relation }: Line, { curve, tip }: Layout['lines'][number]): string {
  const { source, target, type, annotations } = relation;
  const [start, ...rest] = curve;
  if (!start) return '';
  const colour = relationColourOf(type);
  const said = `${source} ${type} ${target}\n${annotations.rule}: ${fieldOf(relation)}`;
  const path = `M${pair(start)}C${rest.map(pair).join(' ')}`;
  const stroke = `fill="none" stroke="${colour}" stroke-width="1.2"${dashOf(annotations)}`;
  const head = arrowHead(curve.at(-1) ?? start, tip);
  return `<g><title>${lines(said)}</title><path d="${path}" ${stroke}/><path d="${head}" fill="${colour}"/></g>\n`;
}

function wordAt({ label, relation }: Line, { label: at }: Layout['lines'][number]): string {
  if (!label || !at) return '';
  const place = `x="${short(at.x)}" y="${short(at.y + 3)}" font-size="9" text-anchor="middle"`;
  const halo = 'stroke="#ffffff" stroke-width="3" stroke-opacity="0.85" paint-order="stroke"';
  return `<text ${place} ${halo} fill="${relationColourOf(relation.type)}">${escapeXml(label)}</text>\n`;
}

function boxAt(
  { resource, caption, label, width, height, health }: Box,
  centre: Point,
  { baseUrl }: ViewOptions,
): string {
  const { id, type, annotations } = resource;
  const colour = hexColourOf(type);
  const [x, y] = [centre.x - width / 2, centre.y - height / 2];
  const round = 6;
  const bar = `M${short(x + round)} ${short(y)}a6 6 0 0 0-6 6v${height - 2 * round}a6 6 0 0 0 6 6z`;
  const at = `x="${short(x)}" y="${short(y)}" width="${width}" height="${height}"`;
  const fill = annotations.missing ? '#fff5f5' : (health?.tint ?? '#ffffff');
  const said = healthSentence(resource);
  return `<a href="${escapeXml(resourceUrl(id, baseUrl))}"${annotations.stale ? ' opacity="0.6"' : ''}><title>${escapeXml(said ? `${id}\n${said}` : id)}</title>
<rect ${at} rx="${round}" fill="${fill}" stroke="${colour}" stroke-width="1.2"${dashOf(annotations)}/><path d="${bar}" fill="${colour}"/>
<text x="${short(x + 13)}" y="${short(y + 13)}" font-size="9.5" fill="${health?.colour ?? '#57606a'}">${escapeXml(caption)}</text>
<text x="${short(x + 13)}" y="${short(y + 28)}" font-size="12.5" fill="#1f2328">${escapeXml(label)}</text></a>\n`;
}

/** A triangle from the end of the curve to the tip. */
function arrowHead(from: Point, tip: Point): string {
  const [dx, dy] = [tip.x - from.x, tip.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const half = 3 / length;
  const left = { x: from.x - dy * half, y: from.y + dx * half };
  const right = { x: from.x + dy * half, y: from.y - dx * half };
  return `M${pair(left)}L${pair(tip)}L${pair(right)}z`;
}

function lines(text: string): string {
  return text.split('\n').map(escapeXml).join('\n');
}

function pair({ x, y }: Point): string {
  return `${short(x)} ${short(y)}`;
}

function short(number: number): string {
  return String(Math.round(number * 10) / 10);
}
