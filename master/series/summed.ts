// Sums several series by minute, such as those of a Pod's containers. Pure.

/** NaN for minutes without data; otherwise the sum of what is known. */
export function summed(all: readonly (readonly number[])[]): number[] {
  const [first = []] = all;
  return first.map((_, at) => {
    const known = all.flatMap((values) => (Number.isNaN(values[at] ?? Number.NaN) ? [] : (values[at] as number)));
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0);
  });
}
