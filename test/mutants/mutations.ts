// Possible changes of a TypeScript file that still parse but behave differently: one operator, condition or constant. Comments,
// strings, regular expressions and types are left alone.

export interface Mutation {
  /** Place in the text, in characters. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  /** One-based. */
  readonly line: number;
  /** The line before and after, for people. */
  readonly before: string;
  readonly after: string;
}

const operators: { readonly [operator: string]: string } = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '%': '*',
  '+=': '-=',
  '-=': '+=',
};

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|(?<=[(,=:[!&|?{};\n]\s*|return |=> )\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*|\b\d[\d_]*(?:\.\d+)?\b|\b(?:true|false)\b|(?<= )(?:===|!==|<=|>=|&&|\|\||\+=|-=|[<>+\-*/%])(?= )|(?<=[( &|])!(?=[\w(])/g;
const declaration = /^(?:export )?(?:interface [^\n]*\{[\s\S]*?^\}|type [^\n]*=[\s\S]*?;$)|^import [\s\S]*?;$/gm;

export function mutationsOf(text: string): Mutation[] {
  const types = [...text.matchAll(declaration)].map(({ index, 0: all }) => [index, index + all.length] as const);
  const found: Mutation[] = [];
  for (const { index, 0: old } of text.matchAll(token)) {
    const changed = changeOf(old);
    if (changed === undefined || types.some(([from, to]) => index >= from && index < to)) continue;
    found.push(at(text, index, index + old.length, changed));
  }
  return found;
}

function changeOf(old: string): string | undefined {
  if (old === 'true') return 'false';
  if (old === 'false') return 'true';
  if (old === '!') return '!!';
  if (/^\d/.test(old)) return String(Number(old.replaceAll('_', '')) + 1);
  return operators[old];
}

function at(text: string, from: number, to: number, changed: string): Mutation {
  const start = text.lastIndexOf('\n', from) + 1;
  const end = text.indexOf('\n', to);
  const [head, tail] = [text.slice(start, from), text.slice(to, end < 0 ? undefined : end)];
  return {
    from,
    to,
    text: changed,
    line: text.slice(0, from).split('\n').length,
    before: `${head}${text.slice(from, to)}${tail}`.trim(),
    after: `${head}${changed}${tail}`.trim(),
  };
}
