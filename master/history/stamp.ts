// A text without its timestamp: a restart changes all timestamps and nothing else.
const stamp = /"timestamp":"([^"]*)"/;

export function withoutStamp(text: string): string {
  return text.replace(stamp, '"timestamp":""');
}

export function stampOf(text: string): string {
  return stamp.exec(text)?.[1] ?? '';
}
