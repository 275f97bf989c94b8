// Forms of settings without a schema keyword of their own: durations, sizes, lists. Each is a keyword that converts text to
// a value and describes what it accepts.

interface Format {
  /** Completes the sentence "must be …". */
  readonly allowed: string;
  /** Undefined if the text is invalid. */
  parse(text: string): unknown;
}

/** An explicit minion address. */
export interface MinionAddress {
  readonly node: string;
  readonly url: string;
}

export type MinionChoice = 'auto' | 'off' | readonly MinionAddress[];

export interface KindChoice {
  readonly add: readonly string[];
  readonly omit: readonly string[];
}

const millisecondsOf = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytesOf = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
} as const;

export const formats: { readonly [name: string]: Format } = {
  duration: {
    allowed: 'a duration such as `500ms`, `10s`, `5m` or `1h`',
    parse: (text) => quantity(text, /^(\d+(?:\.\d+)?)(ms|s|m|h)$/, millisecondsOf, 1),
  },
  retention: {
    allowed: '`off`, or a duration such as `12h` or `7d`',
    parse: (text) => (text === 'off' ? 0 : quantity(text, /^(\d+(?:\.\d+)?)(s|m|h|d)$/, millisecondsOf, 1)),
  },
  period: {
    allowed: 'a duration such as `30m` or `6h`, or `off`',
    parse: (text) => (text === 'off' ? 0 : quantity(text, /^(\d+(?:\.\d+)?)(ms|s|m|h)$/, millisecondsOf, 1)),
  },
  pause: {
    allowed: 'a duration such as `500ms` or `10s`, or `0s`',
    parse: (text) => quantity(text, /^(\d+(?:\.\d+)?)(ms|s|m|h)$/, millisecondsOf, 0),
  },
  size: {
    allowed: 'a size such as `800Mi`, `2Gi` or a number of bytes',
    parse: (text) => quantity(text, /^(\d+(?:\.\d+)?)(|k|M|G|Ki|Mi|Gi)$/, bytesOf, 0),
  },
  list: {
    allowed: 'names separated by commas',
    parse: (text) => items(text),
  },
  object: {
    allowed: 'a name, or a namespace and a name, such as `cluster-insight/publisher`',
    parse: (text) => objectName(text),
  },
  minions: {
    allowed: '`auto`, `off`, or `node=url,node=url` with http or https URLs',
    parse: (text) => (text === 'auto' || text === 'off' ? text : addresses(items(text))),
  },
  kinds: {
    allowed: 'kinds with a sign before each, such as `+Event,-ConfigMap`',
    parse: (text) => choice(items(text)),
  },
};

function quantity(text: string, form: RegExp, units: { readonly [unit: string]: number }, least: number) {
  const [, amount, unit] = form.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const value = Math.round(Number(amount) * (units[unit] ?? Number.NaN));
  return Number.isSafeInteger(value) && value >= least ? value : undefined;
}

function items(text: string): readonly string[] {
  return Object.freeze(
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
}

export interface ObjectName {
  /** Undefined if it is not given: see the setting. */
  readonly namespace: string | undefined;
  readonly name: string;
}

const namespaceForm = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const labelForm = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

function objectName(text: string): ObjectName | undefined {
  const [name = '', namespace, ...rest] = text.split('/').toReversed();
  const isName = name.length <= 253 && name.split('.').every((label) => labelForm.test(label));
  const isWhole = rest.length === 0 && isName && (namespace === undefined || namespaceForm.test(namespace));
  return isWhole ? Object.freeze({ namespace, name }) : undefined;
}

function addresses(pairs: readonly string[]): readonly MinionAddress[] | undefined {
  const found = pairs.map(address);
  const complete = found.filter((one) => one !== undefined);
  return complete.length > 0 && complete.length === found.length ? Object.freeze(complete) : undefined;
}

function address(pair: string): MinionAddress | undefined {
  const equals = pair.indexOf('=');
  const node = pair.slice(0, equals);
  const url = pair.slice(equals + 1);
  const protocol = URL.parse(url)?.protocol;
  return equals > 0 && (protocol === 'http:' || protocol === 'https:') ? Object.freeze({ node, url }) : undefined;
}

function choice(signed: readonly string[]): KindChoice | undefined {
  if (!signed.every((item) => /^[+-][^\s+-]/.test(item))) return undefined;
  const named = (sign: string) => signed.filter((item) => item.startsWith(sign)).map((item) => item.slice(1));
  return Object.freeze({ add: Object.freeze(named('+')), omit: Object.freeze(named('-')) });
}
