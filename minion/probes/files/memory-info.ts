// Sizes from /proc/meminfo by name, in bytes: its kB is 1024 bytes.

export function memoryInfoOf(text: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [, name = '', kilobytes] of text.matchAll(/^([\w()]+): +(\d{1,15}) kB$/gm))
    sizes.set(name, Number(kilobytes) * 1024);
  return sizes;
}
