// Finds likely secrets in text: assignments, flags, headers, URLs and keys by their shape. Every pattern is linear: a
// repetition is bounded, cannot start twice at one place, or cannot fail once started.
import { secretName, secretParameter } from './names.ts';

/** Replaces a secret. */
export const redacted = '[redacted]';
/** The same before the `@` of a URL, where brackets would mean an IPv6 address. */
const bareMark = 'redacted';

/** Apart from key shapes, a text without any of these has no secret. */
const hint =
  /pass|pwd|pw(?![a-z])|psk|secret|token|key|cred|auth|bearer|cookie|dsn|conn[-_]?str|connection|salt|mnemonic|jwt|pat(?![a-z])|(?:user|custom)[-_.]?data|docker-?c|id[-_.](?:rsa|dsa|ecdsa|ed25519)|basic|data:|:\/\/|[?&][\w.%-]{1,64}=|@(?:tcp|unix)?\(/i;

/** An unterminated quote extends to the end: the text was cut. */
const quoted = String.raw`\\+"[^"]*"?|"(?:[^"\\]|\\[\s\S])*"?|\\+'[^']*'?|'(?:[^'\\]|\\[\s\S])*'?|\[[^\][]*\]?`;
const bare = String.raw`\$\([\w.-]+\)|\$\{\w+\}|(?:[^\s"',;&|)}\]]|,(?![\w.[\]-]{1,64}[=:]|[\s"'{[]|$))+`;
/** `password=x`, `"token": "x"`, `PGPASSWORD='x'`, `db.password: x`. */
const assignment = /(?<![\w.-])([\w.-]+)(\\{0,4}["']?[ \t]{0,4}(?:[=:]|=>)[ \t]{0,4})/g;
/** What follows it. Only a secret's is skipped: what another name stands before may hold one, as in `failed: password=x`. */
const assigned = new RegExp(`${quoted}|${bare}`, 'y');
/** `--token x`. */
const flag = new RegExp(
  String.raw`(?<![\w-])(--?[\w.][\w.-]*)([ \t]{1,8})(\\*"[^"]*"?|\\*'[^']*'?|[^\s"'-][^\s"']*)`,
  'g',
);
const header =
  /((?:authorization|cookie)\\{0,4}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,4}["']?)((?:(?:basic|bearer|digest|token|negotiate|apikey|aws4-hmac-sha256)[ \t]+)?)[^\s"'\\]+/gi;
const scheme = /\b(basic|bearer)([ \t]{1,4})[A-Za-z0-9+/=_.~-]{8,}/gi;
/** Not the `@` before a digest: `docker-pullable://redis@sha256:…`. */
const userInfo = /(:\/\/)[^\s/?#"'@][^\s/?#"']*@(?!sha\d{3}:)/g;
/** A password with an unencoded slash, a common mistake; but `http://host:80/path?at=a@b` has a port. */
const looseUserInfo = /(:\/\/)[^\s/?#"'@:]{1,128}:(?!\d{1,5}(?:[/?#]|$))[^\s"'@<>]{1,256}@(?!sha\d{3}:)/g;
/** `root:x@tcp(db:3306)/shop`, the form of Go's drivers. */
const driverUserInfo = /(?<![\w.:/+-])([\w.+-]{1,64}):[^\s"'@]{1,256}@(?=(?:tcp|tcp6|unix)?\()/g;
const query = /([?&])([\w.%~[\]-]{1,128})=([^\s&#;"'<>\\]*)/g;
/** Addresses with a secret path: its knowledge suffices to post. */
const webhooks =
  /(hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/|webhook\.office\.com\/webhookb2\/|outlook\.office(?:365)?\.com\/webhook\/|api\.telegram\.org\/(?:file\/)?bot|hooks\.zapier\.com\/hooks\/catch\/|events\.pagerduty\.com\/integration\/|hc-ping\.com\/|hook(?:\.[a-z0-9]{2,4})?\.make\.com\/|hooks\.airtable\.com\/|open\.feishu\.cn\/open-apis\/bot\/v2\/hook\/|open\.larksuite\.com\/open-apis\/bot\/v2\/hook\/|maker\.ifttt\.com\/trigger\/[\w-]{1,64}\/(?:json\/)?with\/key\/|\/hooks\/(?=[a-z0-9]{26}\b))[^\s"'<>?#\\),;]+/gi;
const dataUrl = /\bdata:([\w.+/-]{0,64}(?:;[\w=.-]{1,64}){0,4}),[^\s"'<>]+/g;
const reference = /^["'\\]*\$(?:\w+|\{\w+\}|\(\w+\))["'\\]*$/;
const word = /^["'\\]*(?:true|false|null|nil|none|~)["'\\]*$/i;
/** The place of a secret, not the secret: `--tls-private-key=/etc/tls/tls.key`. */
const place =
  /^["'\\]*\/(?:etc|var|run|usr|home|opt|tmp|root|mnt|data|srv|app|secrets?|certs?|tls|config|vault|proc|dev)\/[\w./-]*["'\\]*$/;

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
const shapeHint =
  /-----BEGIN|eyJ|A[KSRIGN][IODPA]A|gh[pousr]_|github_|glpat|xox|xapp|npm_|hv[sb]\.|dop_|shpat|pypi|[sr]k_|SG\.|sk-|AIza/;
const random = /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/=_-]{24,}/g;
const hexadecimal = /(?<![\w:@/.-])[0-9a-fA-F]{32,}(?![\w.-])/g;

/** Whether a value only stands for a secret: `$(PASSWORD)`, a file in the usual folders, `true`, or the mark itself. */
export function isHarmlessValue(value: string): boolean {
  if (value.startsWith(redacted)) return true;
  return reference.test(value) || word.test(value) || place.test(value);
}

/** `text`, which is no command line, without likely secrets. */
export function redactPlain(text: string): string {
  const named = hint.test(text);
  if (!named && text.length < 20) return text;
  return redactShapes(named ? redactNamed(text.replace(flag, keepFlag)) : text);
}

/** Whether nothing in an argument can be a secret by itself. */
export function isPlainArgument(text: string): boolean {
  return !hint.test(text) && (text.length < 20 || redactArgument(text, true) === text);
}

/** One argument of a command line. Flags and their values were judged before, when the line was whole. */
export function redactArgument(text: string, isRandomSecret: boolean): string {
  const kept = hint.test(text) ? redactNamed(text) : text;
  if (kept.length < 20) return kept;
  return isRandomSecret ? redactRandom(redactShapes(kept)) : redactShapes(kept);
}

function redactNamed(text: string): string {
  let kept = text;
  if (kept.includes('://')) kept = redactAddresses(kept);
  if (kept.includes('@')) kept = kept.replace(driverUserInfo, `$1:${bareMark}@`);
  if (kept.includes('data:')) kept = kept.replace(dataUrl, `data:$1,${redacted}`);
  kept = kept.replace(query, keepParameter);
  kept = kept.replace(header, `$1$2${redacted}`).replace(scheme, `$1$2${redacted}`);
  return redactAssignments(kept);
}

function redactAssignments(text: string): string {
  let kept = '';
  let from = 0;
  assignment.lastIndex = 0;
  for (let found = assignment.exec(text); found; found = assignment.exec(text)) {
    const [, name = '', equals = ''] = found;
    // `https://…` is no assignment, and its secrets are gone already.
    const isAddress = equals.startsWith(':') && text.startsWith('//', assignment.lastIndex);
    if (isAddress || !secretName(name)) continue;
    assigned.lastIndex = assignment.lastIndex;
    const value = assigned.exec(text)?.[0];
    if (value === undefined || !isSecretAssigned(name, value)) continue;
    kept += text.slice(from, assignment.lastIndex) + redacted;
    from = assignment.lastIndex = assigned.lastIndex;
  }
  return from === 0 ? text : kept + text.slice(from);
}

function redactAddresses(text: string): string {
  const mark = `$1${bareMark}@`;
  return text.replace(userInfo, mark).replace(looseUserInfo, mark).replace(webhooks, `$1${redacted}`);
}

function keepParameter(whole: string, start: string, name: string, value: string): string {
  if (value === '' || isHarmlessValue(value) || !secretParameter(name)) return whole;
  return `${start}${name}=${redacted}`;
}

/** What is not is short, or nothing stands in it: it is looked through once more. */
function isSecretAssigned(name: string, value: string): boolean {
  // Already redacted as a header, except its scheme.
  return !(isHarmlessValue(value) || isMode(name, value) || schemes.test(value));
}

/** What precedes the secret of a header. */
export const schemes = /^(?:basic|bearer|digest|token|negotiate|apikey|aws4-hmac-sha256)$/i;
const modes =
  /^["'\\]*(?:basic|token|tls|mtls|oidc|oauth2?|ldap|saml|password|md5|scram-sha-(?:1|256|512)|trust|peer|iam|optional|require[ds]?|anonymous|kubernetes|bearer|digest)["'\\]*$/i;

/** `auth: basic` names a method. */
export function isMode(name: string, value: string): boolean {
  return (name === 'type' || /auth\W*$/i.test(name)) && modes.test(value);
}

function keepFlag(whole: string, name: string, space: string, value: string): string {
  if (isHarmlessValue(value) || !secretName(name)) return whole;
  return `${name}${space}${redacted}`;
}

export function redactShapes(text: string): string {
  return shapeHint.test(text) ? text.replace(shapes, redacted) : text;
}

function redactRandom(text: string): string {
  if (text.length < 24) return text;
  const kept = text.replace(random, (candidate) => (isRandom(candidate) ? redacted : candidate));
  return kept.replace(hexadecimal, redacted);
}

/**
 * Random text switches between upper case, lower case and digits at every second character; words, paths and camel case at
 * every fifth. It also has all three: lower case and digits alone are a name or a digest.
 */
function isRandom(text: string): boolean {
  if (text.startsWith('/')) return false;
  const characters = text.replace(/[^A-Za-z0-9]/g, '');
  const kinds = characters.replace(/[A-Z]/g, 'A').replace(/[a-z]/g, 'a').replace(/[0-9]/g, '0');
  if (!(kinds.includes('A') && kinds.includes('a') && kinds.includes('0'))) return false;
  let changes = 0;
  for (let i = 1; i < kinds.length; i++) if (kinds[i] !== kinds[i - 1]) changes++;
  // Forty characters are most often an AWS secret key.
  return changes / kinds.length > (text.length === 40 ? 0.25 : 0.35);
}
