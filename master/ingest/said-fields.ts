// The fields of which rules said something. One object may name tens of thousands: looking one up costs its own depth.
export class SaidFields {
  readonly #fields: readonly string[];
  #exact: Set<string> | undefined;
  readonly #above = new Set<string>();

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** Whether it is one of them, within one, or has one within. */
  has(field: string): boolean {
    const exact = this.#filed();
    return exact.has(field) || this.#above.has(field) || placesAbove(field).some((above) => exact.has(above));
  }

  /** Most objects are never asked. */
  #filed(): ReadonlySet<string> {
    if (this.#exact) return this.#exact;
    this.#exact = new Set(this.#fields);
    for (const field of this.#exact) for (const above of placesAbove(field)) this.#above.add(above);
    return this.#exact;
  }
}

/** `a.b` and `a` above `a.b[0]`. */
function placesAbove(field: string): string[] {
  const found: string[] = [];
  for (let at = field.length - 1; at > 0; at--)
    if (field[at] === '.' || field[at] === '[') found.push(field.slice(0, at));
  return found;
}
