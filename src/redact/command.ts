// Redacts a command line given as a list or as one text: both become the same arguments, which are judged one by one, so
// that no spelling hides a secret.
import { secretName } from './names.ts';
import {
  isHarmlessValue,
  isMode,
  isPlainArgument,
  redactArgument,
  redacted,
  redactPlain,
  redactShapes,
  schemes,
} from './text.ts';
import { type CompiledTool, mentionsTool, namesTool, type Taking, toolsByName } from './tools.ts';

/** What the next argument is. */
type Awaiting = Taking | 'flag' | 'assignment' | 'scheme';

interface Active {
  readonly tool: CompiledTool;
  /** Whether the entry's required word has occurred. */
  open: boolean;
  needed: boolean;
  position: number;
}

const secretFlag = /^--?[\w.][\w.-]*$/;
const flagWithValue = /^(--?[\w.][\w.-]*)=([\s\S]*)$/;
const assignment = /^([\w.-]+)=([\s\S]*)$/;
const headerLine = /^([\w-]+): *([\s\S]*)$/;
const endsWithName = /(?<![\w.-])([\w.-]+)\\*["']?[:=]$/;
const operator = /^(?:[;&|]+|\n)$/;
const shellScript = /^-[a-zA-Z]*c$/;
/** More tool entries than this in one command are an attack. */
const mostTools = 16;

/** Linux starts no program with a longer argument: MAX_ARG_STRLEN, https://man7.org/linux/man-pages/man2/execve.2.html */
const longestArgument = 131_072;

/** State while the arguments of one command line are read. */
class Line {
  #active: Active[] = [];
  #awaiting: Awaiting | undefined;
  #before = '';
  readonly #random: boolean;

  /** `random`: whether random text by itself counts as a secret. */
  constructor(random: boolean) {
    this.#random = random;
  }

  take(argument: string): string {
    const kept = this.#awaited(argument) ?? this.#judged(argument);
    this.#before = argument;
    if (operator.test(argument) || argument.endsWith(';')) this.end();
    return kept;
  }

  /** Another command begins. */
  end(): void {
    this.#active = [];
    this.#awaiting = undefined;
  }

  #awaited(argument: string): string | undefined {
    const awaiting = this.#awaiting;
    this.#awaiting = undefined;
    if (awaiting === undefined || operator.test(argument)) return undefined;
    if (awaiting === 'flag') return argument.startsWith('-') && argument.length > 1 ? undefined : masked(argument);
    if (awaiting === 'scheme') return argument.length < 8 ? undefined : masked(argument);
    if (awaiting !== 'assignment') return this.#taken(awaiting, argument);
    if (!schemes.test(argument)) return masked(argument);
    this.#awaiting = 'assignment';
    return argument;
  }

  #judged(argument: string): string {
    if (argument.startsWith('-') || argument.startsWith('/')) {
      const flag = this.#flag(argument);
      if (flag !== undefined) return flag;
    }
    if (/\s/.test(argument)) return this.#within(argument);
    if (this.#finds(argument)) return argument;
    return this.#position(argument) ?? this.#named(argument) ?? redactArgument(argument, this.#random);
  }

  #finds(argument: string): boolean {
    const found = toolsByName.get(basename(argument));
    if (found === undefined) return false;
    for (const tool of found) {
      if (this.#active.length >= mostTools || this.#active.some((active) => active.tool === tool)) continue;
      this.#active.push({ tool, open: tool.after === undefined, needed: tool.needs === undefined, position: 0 });
    }
    return true;
  }

  #flag(argument: string): string | undefined {
    for (const active of this.#active) {
      if (active.tool.needs !== undefined && isShort(argument)) active.needed ||= argument.includes(active.tool.needs);
      if (!active.open) continue;
      const found = this.#flagOf(active.tool, argument);
      if (found !== undefined) return found;
    }
    if (secretFlag.test(argument)) {
      if (secretName(argument)) this.#awaiting = 'flag';
      return this.#awaiting === undefined ? undefined : argument;
    }
    const [, name = '', value = ''] = flagWithValue.exec(argument) ?? [];
    return name !== '' && secretName(name) && !isMode(name, value) ? `${name}=${masked(value)}` : undefined;
  }

  #flagOf(tool: CompiledTool, argument: string): string | undefined {
    const taking = tool.flags.get(argument);
    if (taking !== undefined) {
      this.#awaiting = taking;
      return argument;
    }
    const equals = argument.indexOf('=');
    const joined = equals > 0 ? tool.flags.get(argument.slice(0, equals)) : undefined;
    if (joined !== undefined)
      return `${argument.slice(0, equals + 1)}${this.#taken(joined, argument.slice(equals + 1))}`;
    for (const flag of tool.glued)
      if (argument.startsWith(flag) && argument.length > flag.length)
        return `${flag}${masked(argument.slice(flag.length))}`;
    return tool.glues && isShort(argument) ? this.#cluster(tool, argument) : undefined;
  }

  /** `-pX`, `-sku admin:X`. */
  #cluster(tool: CompiledTool, argument: string): string | undefined {
    let at = 1;
    while (
      at < argument.length - 1 &&
      tool.letters.includes(argument.charAt(at)) &&
      !tool.flags.has(`-${argument.charAt(at)}`)
    )
      at++;
    const taking = tool.flags.get(`-${argument.charAt(at)}`);
    if (taking === undefined) return undefined;
    const [start, value] = [argument.slice(0, at + 1), argument.slice(at + 1)];
    if (value !== '') return `${start}${this.#taken(taking, value)}`;
    this.#awaiting = taking;
    return argument;
  }

  #position(argument: string): string | undefined {
    let kept: string | undefined;
    for (const active of this.#active) {
      const { tool } = active;
      if (tool.after?.has(argument)) {
        active.open = true;
        active.position = 0;
        continue;
      }
      if (!active.open) continue;
      active.position++;
      if (tool.from !== undefined && active.needed && active.position >= tool.from) kept ??= masked(argument);
      if (tool.assigns && assignment.test(argument)) kept ??= setting(argument);
      if (tool.names && !argument.includes('=') && secretName(argument)) {
        this.#awaiting = 'whole';
        kept ??= argument;
      }
    }
    return kept;
  }

  /** `password: x` and `Authorization: Bearer x` in separate arguments, and `PASSWORD=x`. */
  #named(argument: string): string | undefined {
    if (schemes.test(argument) && /^b/i.test(argument)) this.#awaiting = 'scheme';
    const [, name] = endsWithName.exec(argument) ?? [];
    if (name !== undefined && secretName(name)) this.#awaiting = 'assignment';
    if (/^(?:[:=]|=>)$/.test(argument) && secretName(this.#before)) this.#awaiting = 'assignment';
    if (this.#awaiting !== undefined) return argument;
    const [, variable, value = ''] = assignment.exec(argument) ?? [];
    if (variable === undefined || !secretName(variable) || isMode(variable, value)) return undefined;
    return value === '' ? argument : `${variable}=${masked(value)}`;
  }

  /** An argument of several words: a script, a header, a setting or any text. */
  #within(argument: string): string {
    const script = shellScript.test(this.#before);
    if (/^\s*[{[]/.test(argument)) return redactArgument(redactPlain(argument), this.#random);
    if (!script) {
      const [, header, value = ''] = headerLine.exec(argument) ?? [];
      if (header !== undefined && secretName(header)) return headerOf(header, value);
      const [, name, secret = ''] = assignment.exec(argument) ?? [];
      if (name !== undefined && secretName(name)) return `${name}=${masked(secret)}`;
    }
    return redactLine(argument, this.#random);
  }

  #taken(taking: Taking, value: string): string {
    if (taking === 'whole') return masked(value);
    if (taking === 'setting') return value.includes('=') ? setting(value) : redactArgument(value, this.#random);
    if (taking === 'pair') return pair(value) ?? redactArgument(value, this.#random);
    return /^(?:env|file|fd):|^stdin$/.test(value)
      ? value
      : value.startsWith('pass:')
        ? `pass:${redacted}`
        : masked(value);
  }
}

function isShort(argument: string): boolean {
  return /^-[^-]/.test(argument);
}

function basename(argument: string): string {
  const start = /^[[`"'({]*(?:\$\()?/.exec(argument)?.[0].length ?? 0;
  return argument.slice(Math.max(start, argument.lastIndexOf('/') + 1)).replace(/\.exe$/, '');
}

function masked(value: string): string {
  if (isHarmlessValue(value)) return value;
  return value.endsWith(';') && value.length > 1 ? `${redacted};` : redacted;
}

/** Keeps the scheme of `Authorization: Bearer x`. */
function headerOf(name: string, value: string): string {
  const [, scheme, secret] = /^(\S+) +(\S[\s\S]*)$/.exec(value) ?? [];
  if (scheme === undefined || secret === undefined || !schemes.test(scheme)) return `${name}: ${masked(value)}`;
  return `${name}: ${scheme} ${masked(secret)}`;
}

function setting(argument: string): string {
  const equals = argument.indexOf('=');
  return `${argument.slice(0, equals + 1)}${masked(argument.slice(equals + 1))}`;
}

function pair(value: string): string | undefined {
  const [, user, separator, secret] = /^([^\s:%,]*)([:%,])([\s\S]+)$/.exec(value) ?? [];
  return secret === undefined ? undefined : `${user}${separator}${masked(secret)}`;
}

/** Several lists form one command line, in order: `command` and `args`. Works in place; other values than strings stay. */
export function redactArguments(...lists: unknown[]): void {
  judgeLists(lists, true);
}

/** A list that may not be a command line: ids and digests in it stay. */
export function redactTexts(list: unknown[]): void {
  judgeLists([list], false);
}

function judgeLists(lists: readonly unknown[], random: boolean): void {
  if (lists.every(isPlainList)) return;
  const line = new Line(random);
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    for (let i = 0; i < list.length; i++) {
      const argument: unknown = list[i];
      if (typeof argument !== 'string') continue;
      const kept = argument.length > longestArgument ? takeStart(line, argument) : line.take(argument);
      if (kept !== argument) list[i] = kept;
    }
  }
}

/** Whole words of its start; the rest is not judged and not shown. It would hold up everything for a second. */
function takeStart(line: Line, argument: string): string {
  let end = longestArgument;
  while (end > 0 && !/\s/.test(argument.charAt(end - 1))) end--;
  const start = argument.slice(0, end);
  const rest = `${redacted} (${argument.length - start.length} more characters)`;
  return start === '' ? rest : `${line.take(start)}${rest}`;
}

/** True for most command lines: no name of a secret, no known tool, nothing like a key. */
function isPlainList(list: unknown): boolean {
  return !Array.isArray(list) || list.every(isPlain);
}

function isPlain(argument: unknown): boolean {
  if (typeof argument !== 'string') return true;
  return isPlainArgument(argument) && !mentionsTool(argument);
}

/** One argument of a text: blanks, a line end, or a word, possibly quoted as a whole or after its `=`. */
const piece = /[^\S\n]+|\n|([^\s"'=]*=)?(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)')(?=[\s;|&)]|$)|\S+/g;

function redactLine(text: string, random: boolean): string {
  const line = new Line(random);
  // A PEM key has blanks in its first line.
  const whole = text.includes('-----BEGIN') ? redactShapes(text) : text;
  return whole.replace(piece, (whole: string, start: string | undefined, double?: string, single?: string) => {
    if (whole === '\n') {
      line.end();
      return whole;
    }
    if (/^\s/.test(whole)) return whole;
    const inner = double ?? single;
    if (inner === undefined) return line.take(whole);
    return requoted(whole, start ?? '', inner, line.take(`${start ?? ''}${inner}`));
  });
}

function requoted(whole: string, start: string, inner: string, kept: string): string {
  if (kept === `${start}${inner}`) return whole;
  if (!kept.startsWith(start)) return kept;
  const rest = kept.slice(start.length);
  const quote = whole.charAt(start.length);
  return rest === redacted ? `${start}${rest}` : `${start}${quote}${rest}${quote}`;
}

/** `text` without anything that looks like a secret; in a command line (`command`) also without bare random strings. */
export function redactText(text: string, command = false): string {
  if (command) return redactLine(text, true);
  return redactPlain(namesTool(text) ? redactLine(text, false) : text);
}
