// Destinations as text: made once for each, since few are dialled often.
import { getOrMake } from '../../../src/get-or-make.ts';
import { type Address, isCounted, textOf } from './address.ts';

export class Destinations {
  static readonly #most = 20_000;
  readonly #texts = new Map<string, Map<number, string>>();
  #size = 0;

  /** Undefined if it is not counted. */
  of(address: Address): string | undefined {
    const { host, port } = address;
    const known = this.#texts.get(host)?.get(port);
    if (known !== undefined) return known;
    if (!isCounted(host)) return undefined;
    if (this.#size >= Destinations.#most) {
      this.#texts.clear();
      this.#size = 0;
    }
    this.#size++;
    const text = textOf(address);
    getOrMake(this.#texts, host, () => new Map<number, string>()).set(port, text);
    return text;
  }
}
