// Measures functions by their indentation: the formatter puts the end of a function at the same column as its first line. Each
// line counts, blank ones and comments too; functions on one line do not.

export interface FunctionLength {
  readonly name: string;
  /** Its first line, from 1. */
  readonly line: number;
  /** Lines from the first to the last. */
  readonly whole: number;
  /** The same without functions inside it. */
  readonly own: number;
}

interface Open {
  readonly name: string;
  readonly line: number;
  readonly indent: number;
  whole: number;
  own: number;
}

const control = /^(?:\}\s*)?(?:if|for|while|switch|catch|else|try|do|finally|with)\b/;
const blank = /^\s*(?:$|\/\/|\/\*|\*(?:[ /]|$))/;

export function functionLengths(text: string): FunctionLength[] {
  const found: FunctionLength[] = [];
  const open: Open[] = [];
  /** By column, the last line that began a statement: a head may take several lines. */
  const heads = new Map<number, { readonly code: string; readonly at: number }>();
  text.split('\n').forEach((line, at) => {
    const last = open.at(-1);
    for (const each of open) each.whole++;
    if (last) last.own++;
    if (blank.test(line)) return;
    const indent = line.search(/\S/);
    const code = line.slice(indent);
    if (last && indent === last.indent && code.startsWith('}')) {
      open.pop();
      found.push({ name: last.name, line: last.line, whole: last.whole, own: last.own });
    }
    const isRestOfHead = /^[)\]}>]/.test(code);
    if (!isRestOfHead) heads.set(indent, { code, at });
    const first = heads.get(indent) ?? { code: '', at };
    const head = isRestOfHead ? `${first.code} ${code}` : code;
    if (!isFunction(head, code)) return;
    const lines = at - first.at + 1;
    const around = open.at(-1);
    if (around) around.own -= lines;
    open.push({ name: nameOf(head), line: first.at + 1, indent, whole: lines, own: lines });
  });
  return found;
}

function isFunction(head: string, code: string): boolean {
  if (!code.endsWith('{') || control.test(head)) return false;
  if (code.endsWith('=> {') || /\bfunction\b/.test(head)) return /=> \{$|\)(?:: .+)? \{$/.test(code);
  // A method, a getter or a constructor.
  return (
    /^(?:(?:static|async|get|set|readonly|override) )*\*?[#\w$]+(?:<.*>)?\(/.test(head) && /\)(?:: .+)? \{$/.test(code)
  );
}

function nameOf(head: string): string {
  const bare = head.replace(/^(?:(?:export|default|static|async|get|set|const|let|function\*?) |\*)+/, '');
  return /^[#\w$]+/.exec(bare)?.[0] ?? head.slice(0, 40);
}
