// Numbers of several series added up, minute by minute: of a Pod those of its containers. Pure.

/** NaN for a minute in which nothing is known of any; what is known of some is their sum. */
export function summed(all: readonly (readonly number[])[]): number[] {
  const [first = []] = all;
  return first.map((_, at) => {
    const known = all.flatMap((values) => (Number.isNaN(values[at] ?? Number.NaN) ? [] : (values[at] as number)));
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0);
  });
}
