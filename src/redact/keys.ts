// What a field's name says about its value. Judged once per name: objects share a few thousand names.

import { redactText } from './command.ts';
import { secretName } from './names.ts';

export type KeyClass =
  | 'plain'
  | 'secret'
  | 'environment'
  | 'arguments'
  | 'annotations'
  | 'parameters'
  | 'rename'
  | 'copy';

/** `env`, `extraEnv`, `envVars`, `environment`: all values below are settings of a program. */
const environment =
  /(?:^|[a-z_-])(?:[eE]nvs?|ENV|[eE]nv[-_]?[vV]ars?|[eE]nvironments?(?:[-_]?[vV]ar(?:iable)?s)?)$|^httpHeaders$/;
const argumentLists =
  /^(?:(?:extra|additional|container)?(?:command|args|arguments|cmd|entrypoint|flags)|(?:create|exec|entry)?command|test|shell|onbuild|created_?by|createdby|run)$/i;
const annotations = /^(?:annotations|labels)$/i;

/** Annotations with a copy of the whole object, including secrets. Docker's labels have them with a prefix. */
const copies =
  /last-applied|last-handled-configuration|kapp\.k14s\.io\/original|rio\.cattle\.io\/applied|encoded-deployment-config/;

const known = new Map<string, KeyClass>();
const mostKnown = 20_000;
const longestKnown = 128;

export function classOf(key: string): KeyClass {
  const found = known.get(key);
  if (found !== undefined) return found;
  const judged = judge(key);
  if (key.length <= longestKnown) {
    if (known.size >= mostKnown) known.clear();
    known.set(key, judged);
  }
  return judged;
}

function judge(key: string): KeyClass {
  if (/:\/\/|[=\s?]/.test(key) && redactText(key) !== key) return 'rename';
  if (copies.test(key)) return 'copy';
  if (environment.test(key)) return 'environment';
  if (argumentLists.test(key)) return 'arguments';
  if (annotations.test(key)) return 'annotations';
  if (key === 'parameters') return 'parameters';
  // The data of a Secret, wherever it occurs.
  if (key === 'stringData' || key === 'binaryData') return 'secret';
  return secretName(key) ? 'secret' : 'plain';
}
