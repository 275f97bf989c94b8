// Parses YAML or JSON, with the line of each part.
import type { Document, Node } from 'yaml';
import { yaml } from '../../src/yaml.ts';
import type { PlacedFault } from './checked.ts';

export interface LineFault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

export interface ReadYaml {
  /** Undefined if the text is empty or invalid. */
  readonly value: unknown;
  readonly faults: readonly LineFault[];
  /** The error with its line and place. */
  faultOf(fault: PlacedFault): LineFault;
}

const mostAliases = 100;

export function readYaml(file: string, text: string): ReadYaml {
  const { LineCounter, parseDocument } = yaml();
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent', prettyErrors: false });
  const lineAt = (offset: number) => counter.linePos(offset).line || 1;
  const faultOf = ({ place, message }: PlacedFault): LineFault => ({
    file,
    line: lineAt(offsetOf(document, place)),
    message: place.length === 0 ? message : `${wordsOf(place)}: ${message}`,
  });
  const [error] = document.errors;
  if (error) {
    const fault = { file, line: lineAt(error.pos[0]), message: `neither YAML nor JSON: ${error.message}` };
    return { value: undefined, faults: [fault], faultOf };
  }
  try {
    return { value: document.toJS({ maxAliasCount: mostAliases }) ?? undefined, faults: [], faultOf };
  } catch (cause) {
    return { value: undefined, faults: [{ file, line: 1, message: (cause as Error).message }], faultOf };
  }
}

function wordsOf(place: PlacedFault['place']): string {
  return place.map((each, at) => (typeof each === 'number' ? `[${each}]` : at === 0 ? each : `.${each}`)).join('');
}

/** Position of the part, or of the nearest one that contains it. */
function offsetOf(document: Document, place: PlacedFault['place']): number {
  const { isMap, isNode, isPair, isScalar, isSeq } = yaml();
  let at: unknown = document.contents;
  let offset = 0;
  for (const step of [...place, undefined]) {
    if (isNode(at) && at.range) offset = at.range[0];
    if (step === undefined) break;
    if (isMap(at)) {
      const pair = at.items.find(
        (each) => isPair(each) && isScalar(each.key) && String(each.key.value) === String(step),
      );
      const key = pair?.key as Node | undefined;
      if (!key?.range) break;
      // An error in a map or list is at its key.
      offset = key.range[0];
      at = isScalar(pair?.value) || pair?.value === null ? undefined : pair?.value;
      if (isNode(at) && place.at(-1) === step) break;
    } else if (isSeq(at)) at = at.items[Number(step)];
    else break;
  }
  return offset;
}
