// A requested URL for the log: people put tokens into URLs, plain or percent-encoded.
import { redactText } from './command.ts';
import { redacted } from './text.ts';

/** The URL without likely secrets. A part that hides one behind percent-encoding is replaced as a whole. */
export function redactUrl(url: string): string {
  const plain = redactText(url);
  if (!plain.includes('%')) return plain;
  return plain.replace(/(?<=^|[?&/=;])[^?&/=;]*%[^?&/=;]*/g, redactEncoded);
}

function redactEncoded(part: string): string {
  const said = decoded(part);
  return said === undefined || redactText(said) === said ? part : redacted;
}

/** Encodings within each other that are taken off, as of a URL in a URL. */
const mostLayers = 3;

/** Undefined if it is not encoded properly. */
function decoded(part: string): string | undefined {
  let known: string | undefined;
  try {
    for (let text = part, layer = 0; layer < mostLayers && text.includes('%'); layer++)
      known = text = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // A percent sign of its own ends it.
  }
  return known;
}
