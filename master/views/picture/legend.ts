// Explains the colours and strokes that occur in the picture.
import { healthColours } from '../parts/health.ts';
import { hexColourOf, relationColourOf } from '../parts/palette.ts';
import { escapeXml } from '../parts/xml.ts';
import { dashes } from './drawing.ts';
import type { Scene } from './scene.ts';
import { fitted, widthOf } from './text.ts';

interface Entry {
  readonly label: string;
  /** The sample, 22 wide and 10 high, at the origin. */
  readonly sample: string;
}

const rowHeight = 18;
const top = 24;

export function legendOf(scene: Scene, width: number): { readonly text: string; readonly height: number } {
  let [x, y] = [0, top];
  let text = `<path d="M0 10H${width}" stroke="#d0d7de"/>\n`;
  for (const entries of groupsOf(scene)) {
    if (entries.length === 0) continue;
    for (const { label, sample } of entries) {
      const taken = widthOf(label, 10.5) + 46;
      if (x > 0 && x + taken > width) [x, y] = [0, y + rowHeight];
      text += `<g transform="translate(${Math.round(x)} ${y})">${sample}<text x="28" y="9" font-size="10.5" fill="#424a53">`;
      text += `${escapeXml(label)}</text></g>\n`;
      x += taken;
    }
    [x, y] = [0, y + rowHeight + 4];
  }
  return { text, height: y };
}

function groupsOf({ boxes, lines, frames }: Scene): readonly (readonly Entry[])[] {
  const types = new Set(boxes.map(({ resource }) => resource.type));
  const relations = new Set(lines.map(({ relation }) => relation.type));
  const all = [...boxes.map(({ resource }) => resource), ...lines.map(({ relation }) => relation)];
  const strokes: Entry[] = [];
  if (frames.length > 0) strokes.push({ label: 'a namespace, around what it contains', sample: frameSample });
  if (all.some(({ annotations }) => annotations.missing || annotations.absent))
    strokes.push(stroke('named, but does not exist', dashes.missing));
  if (all.some(({ annotations }) => annotations.unverified)) {
    strokes.push(stroke('named, but not looked for', dashes.unverified));
  }
  const healths = new Set(boxes.flatMap(({ health }) => health?.state ?? []));
  const states = [...healths].sort().map(healthEntry);
  return [[...types].sort().map(typeEntry), [...relations].sort().map(relationEntry), states, strokes];
}

const frameSample = '<rect y="0.5" width="22" height="9" rx="3" fill="#f6f8fa" stroke="#d0d7de"/>';

function typeEntry(type: string): Entry {
  return { label: fitted(type, 60), sample: `<rect width="22" height="10" rx="3" fill="${hexColourOf(type)}"/>` };
}

function relationEntry(type: string): Entry {
  const colour = relationColourOf(type);
  const sample = `<path d="M0 5H16" stroke="${colour}" stroke-width="1.2"/><path d="M16 2L22 5L16 8z" fill="${colour}"/>`;
  return { label: fitted(type, 60), sample };
}

function healthEntry(state: keyof typeof healthColours): Entry {
  const { colour, tint } = healthColours[state];
  const sample = `<rect y="0.5" width="22" height="9" rx="3" fill="${tint}" stroke="${colour}"/>`;
  return { label: `health: ${state}`, sample };
}

function stroke(label: string, dash: string): Entry {
  const sample = `<rect y="0.5" width="22" height="9" rx="3" fill="none" stroke="#57606a" stroke-dasharray="${dash}"/>`;
  return { label, sample };
}
