// One sentence at a time, for eyes and for screen readers; and what goes to the clipboard.

/** Milliseconds. */
const shown = 2500;

export class Speech {
  readonly #window: Window & typeof globalThis;
  #said = 0;

  constructor(window: Window & typeof globalThis) {
    this.#window = window;
  }

  say(words: string): void {
    const place = this.#window.document.getElementById('say');
    if (!place) return;
    place.textContent = words;
    place.classList.add('shown');
    const said = ++this.#said;
    this.#window.setTimeout(() => said === this.#said && place.classList.remove('shown'), shown);
  }

  async copy(text: string, what: string): Promise<void> {
    try {
      await this.#window.navigator.clipboard.writeText(text);
      this.say(`Copied ${what}`);
    } catch {
      this.say(`The browser does not let this page copy: ${text}`);
    }
  }
}
