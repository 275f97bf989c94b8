// Output of answers: with colours if the terminal supports them, and without terminal control sequences from data.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Output {
  line(text: string): Promise<void>;
  /** Unchanged, byte for byte. */
  pipe(body: AsyncIterable<Buffer | string>): Promise<void>;
  paint(style: Style | undefined, text: string): string;
  /** Width of the terminal in characters; undefined for other outputs. */
  readonly width?: number | undefined;
}

export function createOutput(stream: Writable, colours: boolean, width?: number): Output {
  const write = async (chunk: Buffer | string): Promise<void> => {
    if (!stream.write(chunk)) await once(stream, 'drain');
  };
  return {
    width,
    line: (text) => write(`${text}\n`),
    async pipe(body) {
      for await (const chunk of body) await write(chunk);
    },
    paint: (style, text) => (colours && style ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Names may contain anything: control characters, bidirectional controls. */
export function shown(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
