// Parts of the files that were left out, counted by reason with examples: "all is well" must not hide what was not read.

/** Maximum places per reason, and maximum individual messages. */
const most = { places: 3, lines: 20 };

export class LeftOut {
  readonly #byReason = new Map<string, string[]>();
  readonly #lines: string[] = [];

  /** One of many alike: counted, with a few named. `reason` is a clause. */
  add(reason: string, place: string): void {
    const places = this.#byReason.get(reason);
    if (places) places.push(place);
    else this.#byReason.set(reason, [place]);
  }

  /** An individual message. */
  say(line: string): void {
    this.#lines.push(line);
  }

  lines(): string[] {
    const told = this.#lines.slice(0, most.lines);
    const rest = this.#lines.length - told.length;
    return [
      ...told,
      ...(rest > 0 ? [`and ${rest} more of this sort`] : []),
      ...[...this.#byReason].map(
        ([reason, places]) => `left out because ${reason} (${places.length}): ${placesOf(places)}`,
      ),
    ];
  }
}

function placesOf(all: readonly string[]): string {
  const named = [...new Set(all)];
  const rest = named.length - most.places;
  return named.slice(0, most.places).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
