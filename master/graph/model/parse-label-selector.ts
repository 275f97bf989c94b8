// Parses the text form of a label selector, as in `kubectl get -l` and the API's `labelSelector`. Accepts and rejects what
// https://github.com/kubernetes/apimachinery/blob/master/pkg/labels/selector.go does.
import { fault } from '../../../src/errors.ts';
import type { LabelRequirement, LabelSelector } from '../../../src/model.ts';
import { integerOf } from './label-selector.ts';

interface Token {
  /** Symbols are their own kind; `word` is a key, a value, `in` or `notin`. */
  readonly kind: 'word' | 'end' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '<' | '>';
  readonly text: string;
  readonly at: number;
}

const operators: { readonly [text: string]: string } = {
  in: 'In',
  notin: 'NotIn',
  '=': 'In',
  '==': 'In',
  '!=': 'NotIn',
  '>': 'Gt',
  '<': 'Lt',
};

/**
 * Parses requirements such as `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>3`, all of which must hold. Empty text selects
 * everything. Throws `bad_parameter` with `parameter` and the position, counted from 1.
 */
export function parseLabelSelector(text: string, parameter = 'labelSelector'): LabelSelector {
  const tokens = new Tokens(text, parameter);
  const matchExpressions: LabelRequirement[] = [];
  if (tokens.peek().kind === 'end') return { matchExpressions };
  do matchExpressions.push(requirement(tokens));
  while (tokens.take(',', 'end').kind === ',');
  return { matchExpressions };
}

function requirement(tokens: Tokens): LabelRequirement {
  const negated = tokens.peek().kind === '!';
  if (negated) tokens.next();
  const key = keyOf(tokens);
  if (negated) return { key, operator: 'DoesNotExist' };
  if (tokens.isAt(',', 'end')) return { key, operator: 'Exists' };
  const token = tokens.next();
  const operator = operators[token.text];
  if (operator === undefined || !Object.hasOwn(operators, token.text)) throw tokens.unexpected(token, 'an operator');
  const set = token.kind === 'word';
  const values = set ? valueSet(tokens) : [exactValue(tokens, operator)];
  return { key, operator, values };
}

function keyOf(tokens: Tokens): string {
  const token = tokens.take('word');
  const reason = keyFailure(token.text);
  if (reason) throw tokens.failure(token, `${JSON.stringify(token.text)} is not a label key: ${reason}`);
  return token.text;
}

function exactValue(tokens: Tokens, operator: string): string {
  if (tokens.isAt(',', 'end') && operator !== 'Gt' && operator !== 'Lt') return '';
  const token = tokens.take('word');
  const comparing = operator === 'Gt' || operator === 'Lt';
  if (comparing && integerOf(token.text) === undefined) throw tokens.unexpected(token, 'an integer');
  return labelValue(tokens, token);
}

/** `(a,b)`. As in the API server, an empty place is the empty value and `()` is rejected. */
function valueSet(tokens: Tokens): string[] {
  const open = tokens.take('(');
  if (tokens.peek().kind === ')') throw tokens.failure(open, 'a set of values cannot be empty');
  const values = new Set<string>();
  do values.add(tokens.isAt(',', ')') ? '' : labelValue(tokens, tokens.take('word')));
  while (tokens.take(',', ')').kind === ',');
  return [...values];
}

function labelValue(tokens: Tokens, token: Token): string {
  if (token.text.length <= 63 && isName(token.text)) return token.text;
  const rule = 'at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';
  throw tokens.failure(token, `${JSON.stringify(token.text)} is not a label value: ${rule}`);
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
function keyFailure(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.at(-1) as string;
  if (parts.length > 2) return 'it has more than one "/"';
  if (parts.length === 2 && !isSubdomain(parts[0] as string)) return 'what stands before "/" is not a DNS name';
  if (name.length > 63 || !isName(name)) {
    return 'a name is 1 to 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';
  }
  return undefined;
}

function isName(text: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text);
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
}

/** Tokens of a text, and errors with their position. */
class Tokens {
  readonly #text: string;
  readonly #parameter: string;
  #at = 0;
  #current: Token;

  constructor(text: string, parameter: string) {
    this.#text = text;
    this.#parameter = parameter;
    this.#current = this.#scan();
  }

  peek(): Token {
    return this.#current;
  }

  next(): Token {
    const token = this.#current;
    this.#current = this.#scan();
    return token;
  }

  isAt(...kinds: readonly Token['kind'][]): boolean {
    return kinds.includes(this.#current.kind);
  }

  take(...kinds: readonly Token['kind'][]): Token {
    if (!this.isAt(...kinds)) throw this.unexpected(this.#current, kinds.map(nameOf).join(' or '));
    return this.next();
  }

  unexpected(token: Token, expected: string): Error {
    const found = token.kind === 'end' ? 'the end' : JSON.stringify(token.text);
    return this.failure(token, `expected ${expected}, found ${found}`);
  }

  failure(token: Token, reason: string): Error {
    return fault('bad_parameter', { parameter: this.#parameter, reason: `at position ${token.at + 1}: ${reason}` });
  }

  #scan(): Token {
    const space = /[ \t\r\n]*/y;
    const word = /[^ \t\r\n()!=<>,]+/y;
    const symbol = /==|!=|[()!=<>,]/y;
    this.#at += match(space, this.#text, this.#at).length;
    const at = this.#at;
    const sign = match(symbol, this.#text, at);
    const text = sign || match(word, this.#text, at);
    this.#at += text.length;
    return { kind: sign ? (sign as Token['kind']) : text ? 'word' : 'end', text, at };
  }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function nameOf(kind: Token['kind']): string {
  if (kind === 'word') return 'a name';
  return kind === 'end' ? 'the end' : JSON.stringify(kind);
}
