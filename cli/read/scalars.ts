// Values of YAML scalars like in kubectl, by the rules of go-yaml 2: YAML 1.1 without sexagesimal numbers, and timestamps
// as text. Source: sigs.k8s.io/yaml, goyaml.v2.

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
 * The value of a scalar. `plain`: unquoted; only then does the text determine its type, unless there is a tag.
 * @throws Error if tag and text conflict, or JSON has no such value.
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

/** Underscores may group digits, but not after a leading point. */
function numberOf(text: string): number | undefined {
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  if (integer.test(plain)) return integerOf(plain);
  const value = float.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** A leading zero means octal. */
function integerOf(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '').replace(/^0(?=[0-9])/, '0o');
  // Go's JSON has no negative zero.
  return sign * Number(digits) || 0;
}

/** A key as text, the only form in JSON. @throws Error for a null key. */
export function keyOf(value: ScalarValue): string {
  if (value === null) throw new Error('a key is empty');
  return String(value);
}
