// What a scalar of YAML means to kubectl, which reads by the rules of go-yaml 2: YAML 1.1 without its numbers of base 60,
// and with timestamps kept as text. Source: sigs.k8s.io/yaml, goyaml.v2.

export type ScalarValue = string | number | boolean | null;

const words = new Map<string, ScalarValue>([
  ...spellings(['y', 'yes', 'true', 'on'], true),
  ...spellings(['n', 'no', 'false', 'off'], false),
  ...spellings(['null'], null),
  ['', null],
  ['~', null],
]);

/** `yes`, `Yes` and `YES`, but not `yEs`. */
function spellings(list: readonly string[], value: ScalarValue): [string, ScalarValue][] {
  return list.flatMap((word) => {
    const capital = word.charAt(0).toUpperCase() + word.slice(1);
    return [word, capital, word.toUpperCase()].map((each): [string, ScalarValue] => [each, value]);
  });
}

const standard = 'tag:yaml.org,2002:';
const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const noNumber = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * The value of a scalar. `plain` says that it is written without quotes; only then does its text say what it is, unless a
 * tag does.
 * @throws Error where the tag and the text exclude each other, or JSON has no such value.
 */
export function scalarOf(text: string, plain: boolean, tag: string | undefined): ScalarValue {
  if (tag === undefined) return plain ? resolved(text) : text;
  if (!tag.startsWith(standard)) return text;
  const name = tag.slice(standard.length);
  if (name === 'binary') return Buffer.from(text, 'base64').toString();
  const type = typesByTag[name];
  if (type === undefined) return text;
  const value = resolved(text);
  if (typeOfValue(value) === type) return value;
  throw new Error(`${JSON.stringify(text)} is not !!${name}`);
}

const typesByTag: { readonly [tag: string]: string } = {
  int: 'number',
  float: 'number',
  bool: 'boolean',
  null: 'null',
};

function typeOfValue(value: ScalarValue): string {
  return value === null ? 'null' : typeof value;
}

function resolved(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  if (noNumber.test(text)) throw new Error(`${text} is not a value that JSON has`);
  return numberOf(text) ?? text;
}

/** Digits may be grouped by underscores, but not behind a point at the beginning. */
function numberOf(text: string): number | undefined {
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  if (integer.test(plain)) return integerOf(plain);
  const value = float.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** A zero before digits means base 8. */
function integerOf(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=[0-9])/, '0o');
  // Zero has no sign in JSON that Go writes.
  return sign * Number(digits) || 0;
}

/** The text of a key: JSON has no others. @throws Error for a key that is nothing. */
export function keyOf(value: ScalarValue): string {
  if (value === null) throw new Error('a key is empty');
  return String(value);
}
