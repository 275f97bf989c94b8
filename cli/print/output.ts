// Where answers are written: with colours where a terminal shows them, and without anything that could steer a terminal.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Output {
  line(text: string): Promise<void>;
  /** As it comes, byte for byte. */
  pipe(body: AsyncIterable<Buffer | string>): Promise<void>;
  paint(style: Style | undefined, text: string): string;
  /** Of the terminal, in characters; undefined where the answer goes elsewhere. */
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

/** Names out of files may hold anything: control characters, and those that turn the direction of writing round. */
export function shown(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
