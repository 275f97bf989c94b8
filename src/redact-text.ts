// Finds what looks like a secret inside a piece of text: a flag, an assignment, a header, a URL, a key by its shape.
// Every pattern here is linear in the text: a repetition is either bounded or cannot begin twice at one place.

/** What stands where a secret stood. */
export const redacted = '[redacted]';

const words =
  'pass(?:word|wd|phrase|code)?|pwd|secret|token|api[-_.]?key|access[-_.]?key|secret[-_.]?key|private[-_.]?key|account[-_.]?key|' +
  'signing[-_.]?key|encryption[-_.]?key|master[-_.]?key|credentials?|authorization|bearer|cookie|sas[-_.]?key|dsn|connection[-_.]?string';
/** `--token-file` names a place and `--authorization-mode` a choice: neither holds the secret. */
const harmless =
  /(?:file|path|dir|directory|mode|ttl|name|names|namespace|kubeconfig|timeout|interval|enabled|type|issuer|duration|expiration|refs?|policy|audiences?|length|size|version|kind|through|by|provider|cache|review|webhook)s?$/i;

const nameWord = new RegExp(words, 'i');

/** Whether a flag, a variable or a field of this name holds a secret. */
export function secretName(name: string): boolean {
  return nameWord.test(name) && !harmless.test(name);
}

const quoted = String.raw`\\*"(?:[^"\\]|\\[^"])*\\*"|\\*'(?:[^'\\]|\\[^'])*\\*'`;
const bare = String.raw`\$\([\w.-]+\)|\$\{\w+\}|[^\s"',;&|)}\]]+`;
/** `password=x`, `"token": "x"`, `PGPASSWORD='x'`, `--token x` inside a longer text. */
const assignment = new RegExp(
  String.raw`(${words})([\w.-]{0,64})(\\{0,4}["']?[ \t]{0,4}[=:][ \t]{0,4})(${quoted}|${bare})`,
  'gi',
);
const flag = new RegExp(
  String.raw`(?<![\w-])(--?[\w.-]{0,64}?)(${words})([\w.-]{0,64})([ \t]{1,8})(${quoted}|[^\s"'-][^\s"']*)`,
  'gi',
);
const header =
  /(authorization\\{0,4}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,4}["']?)(?:(?:basic|bearer|digest|token|negotiate|aws4-hmac-sha256)[ \t]+)?[^\s"'\\]+/gi;
const scheme = /\b(basic|bearer)([ \t]{1,4})[A-Za-z0-9+/=_.~-]{8,}/gi;
/** Not the `@` before a digest: `docker-pullable://redis@sha256:…`. */
const userInfo = /(:\/\/)[^\s/?#"'@][^\s/?#"']*@(?!sha\d{3}:)/g;
const curlUser = /(?<![\w-])(-u|--user|--proxy-user)([ \t=]{1,4}["']?)([^\s:"']{1,128}):[^\s"']+/g;
const mysqlPassword = /(?<![\w-])-p[^\s"'-][^\s"']*/g;
const reference = /^["'\\]*\$(?:\w+|\{\w+\}|\(\w+\))["'\\]*$/;

const shapes = new RegExp(
  [
    String.raw`-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}-----|$)`,
    String.raw`(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?`,
    String.raw`\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{16}\b`,
    String.raw`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprse]-|xapp-|npm_|hvs\.|hvb\.|dop_v1_|shpat_|pypi-|[sr]k_(?:live|test)_|SG\.)[\w.-]{16,}`,
    String.raw`\bsk-[\w-]{20,}`,
    String.raw`\bAIza[\w-]{30,}`,
  ].join('|'),
  'g',
);
const token = /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{24,}/g;
const hexadecimal = /(?<![\w:@/.-])[0-9a-fA-F]{32,}(?![\w.-])/g;
const suspicious = new RegExp(`${words}|://|-u|-p|basic`, 'i');

/** `text` without what looks like a secret. In a command line (`command`) so are bare random strings. */
export function redactText(text: string, command = false): string {
  const named = suspicious.test(text);
  if (!named && text.length < 20) return text;
  let kept = named ? redactNamed(text, command) : text;
  if (kept.length >= 20) kept = kept.replace(shapes, redacted);
  return command && kept.length >= 24 ? redactRandom(kept) : kept;
}

function redactNamed(text: string, command: boolean): string {
  let kept = text.replace(userInfo, `$1${redacted}@`).replace(header, `$1${redacted}`);
  kept = kept.replace(scheme, `$1$2${redacted}`).replace(flag, keepFlag).replace(assignment, keepName);
  if (!command) return kept;
  kept = kept.replace(curlUser, `$1$2$3:${redacted}`);
  return /\b(?:mysql|mariadb|mysqldump|mysqladmin|sshpass)\b/.test(kept)
    ? kept.replace(mysqlPassword, `-p${redacted}`)
    : kept;
}

function keepName(whole: string, name: string, rest: string, equals: string, value: string): string {
  if (harmless.test(name + rest) || reference.test(value) || value.startsWith(redacted.slice(0, -1))) return whole;
  return `${name}${rest}${equals}${redacted}`;
}

function keepFlag(whole: string, start: string, name: string, rest: string, space: string, value: string): string {
  if (harmless.test(name + rest) || reference.test(value)) return whole;
  return `${start}${name}${rest}${space}${redacted}`;
}

function redactRandom(text: string): string {
  const kept = text.replace(token, (candidate) => (isRandom(candidate) ? redacted : candidate));
  return kept.replace(hexadecimal, redacted);
}

/**
 * Random text changes between upper case, lower case and digits at every second character; words, paths and camel case
 * at every fifth. It has all three, too: what is lower case and digits only is a name or a digest.
 */
function isRandom(text: string): boolean {
  if (text.startsWith('/')) return false;
  const characters = text.replace(/[^A-Za-z0-9]/g, '');
  const kinds = characters.replace(/[A-Z]/g, 'A').replace(/[a-z]/g, 'a').replace(/[0-9]/g, '0');
  if (!(kinds.includes('A') && kinds.includes('a') && kinds.includes('0'))) return false;
  let changes = 0;
  for (let i = 1; i < kinds.length; i++) if (kinds[i] !== kinds[i - 1]) changes++;
  // Forty characters are an AWS secret key more often than anything else.
  return changes / kinds.length > (text.length === 40 ? 0.25 : 0.35);
}
