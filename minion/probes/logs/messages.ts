// Joins the lines of one message: lines of a stack trace belong to the first. No I/O.

/** Maximum characters of a message. */
const longest = 65_536;
const clock = /\d\d:\d\d:\d\d/;
const chained =
  /^(?:Caused by: |\s*for call at|Traceback \(most recent call last\)|During handling of the above exception|The above exception was)/;

export class MessageJoiner {
  readonly #emit: (message: string) => void;
  #lines: string[] = [];
  #length = 0;
  #hasTime = false;
  /** A Python trace ends with the first line that is not indented. */
  #inTrace = false;

  constructor(emit: (message: string) => void) {
    this.#emit = emit;
  }

  add(line: string): void {
    if (this.#lines.length > 0 && !this.#continues(line)) this.flush();
    if (this.#lines.length === 0) this.#hasTime = clock.test(line.slice(0, 100));
    this.#inTrace = line.startsWith('Traceback ') || (this.#inTrace && isSetIn(line));
    if (this.#length >= longest) return;
    this.#lines.push(line.slice(0, longest - this.#length));
    this.#length += line.length + 1;
  }

  /** After a pause, or when something new begins. */
  flush(): void {
    if (this.#lines.length === 0) return;
    const message = this.#lines.join('\n').trimEnd();
    this.#lines = [];
    this.#length = 0;
    this.#inTrace = false;
    if (message !== '') this.#emit(message);
  }

  #continues(line: string): boolean {
    if (line === '' || line === '}' || isSetIn(line) || chained.test(line) || this.#inTrace) return true;
    return this.#hasTime && !clock.test(line.slice(0, 100));
  }
}

function isSetIn(line: string): boolean {
  return line.startsWith('\t') || line.startsWith('  ');
}
