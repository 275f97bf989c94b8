// A text without the moment that it says it is of: after a restart everything is stamped again, and nothing changed by that.
const stamp = /"timestamp":"([^"]*)"/;

export function withoutStamp(text: string): string {
  return text.replace(stamp, '"timestamp":""');
}

export function stampOf(text: string): string {
  return stamp.exec(text)?.[1] ?? '';
}
