// Colours, titles and other escape sequences for a terminal, within a message. Pure.

const escape = '\u001B';
/** CSI with its parameters, OSC with its text, or another escape (ECMA-48). */
const sequence = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]?|\\][^\\u0007${escape}]{0,200}(?:\\u0007|${escape}\\\\)?|[ -/]*[0-~])?`,
  'g',
);

export function withoutEscapes(text: string): string {
  return text.includes(escape) ? text.replace(sequence, '') : text;
}
