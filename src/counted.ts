// A number with what it counts, in the singular where it is one.

/** `1 resource`, `2 resources`, `3 entries`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
