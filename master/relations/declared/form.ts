// How a text holds a name and what belongs to it: `{namespace}/{name}`, `{name}:{}`, `{namespace}_{name}_{group}_{kind}`; of several,
// parted by `|`, the first that fits.

export type Part = 'name' | 'namespace' | 'kind' | 'group';
export type Parts = { readonly [part in Part]?: string };
export type Form = (text: string) => Parts | undefined;

const parts: readonly string[] = ['name', 'namespace', 'kind', 'group', ''];

/** Undefined where the text is not of the form. @throws Error that says what is wrong with it. */
export function parseForm(text: string): Form {
  const forms = text.split('|').map(oneForm);
  const [first] = forms;
  if (forms.length === 1 && first) return first;
  return (whole) => {
    for (const form of forms) {
      const found = form(whole);
      if (found) return found;
    }
    return undefined;
  };
}

function oneForm(text: string): Form {
  const pieces = text.split(/\{(\w*)\}/);
  const named = pieces.filter((_, i) => i % 2 === 1);
  const strange = named.find((part) => !parts.includes(part));
  if (strange !== undefined) throw new Error(`{${strange}} is none of {name}, {namespace}, {kind}, {group} and {}`);
  if (!named.includes('name')) throw new Error(`the form ${JSON.stringify(text)} has no {name}`);
  const said = named.filter((part) => part !== '');
  if (new Set(said).size < said.length) throw new Error(`the form ${JSON.stringify(text)} has a part twice`);
  if (pieces.slice(1, -1).some((piece, i) => i % 2 === 1 && piece === ''))
    throw new Error(`the form ${JSON.stringify(text)} has two parts with nothing between them`);
  // Each part is taken from the left but those behind the name, which are taken from the right: a name may hold what parts them.
  const before = pieces.slice(0, named.indexOf('name') * 2 + 1);
  const behind = pieces.slice(named.indexOf('name') * 2 + 2);
  return (whole) => {
    const head = fromLeft(whole, before);
    const tail = head && fromRight(head.rest, behind);
    return tail && { ...head.found, ...tail.found, name: tail.rest };
  };
}

interface Cut {
  readonly found: { [part: string]: string };
  readonly rest: string;
}

/** `pieces` are texts and parts in turn, a text first and last. */
function fromLeft(text: string, pieces: readonly string[]): Cut | undefined {
  const [first = ''] = pieces;
  if (!text.startsWith(first)) return undefined;
  let rest = text.slice(first.length);
  const found: { [part: string]: string } = {};
  for (let i = 1; i < pieces.length; i += 2) {
    const [part = '', end = ''] = [pieces[i], pieces[i + 1]];
    const at = rest.indexOf(end);
    if (at < 0) return undefined;
    if (part !== '') found[part] = rest.slice(0, at);
    rest = rest.slice(at + end.length);
  }
  return { found, rest };
}

function fromRight(text: string, pieces: readonly string[]): Cut | undefined {
  const last = pieces.at(-1) ?? '';
  if (!text.endsWith(last)) return undefined;
  let rest = text.slice(0, text.length - last.length);
  const found: { [part: string]: string } = {};
  for (let i = pieces.length - 2; i >= 0; i -= 2) {
    const [part = '', begin = ''] = [pieces[i], pieces[i - 1]];
    const at = i === 0 ? 0 : rest.lastIndexOf(begin);
    if (at < 0) return undefined;
    if (part !== '') found[part] = rest.slice(at + begin.length);
    rest = rest.slice(0, at);
  }
  return { found, rest };
}
