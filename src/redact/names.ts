// The only list of names of secrets, for flags, variables, fields, annotations, headers and parameters. Names are compared
// by words, so `clientSecret`, `client_secret`, `CLIENT-SECRET` and `client.secret` are equal.

/** Names that end with these words are secrets: `adminPassword`, `restuserpassword`, `X-Api-Token`. */
const anywhere = new RegExp(
  [
    'passwords?|passwd|passphrase|passcode|passkey|pgpass|masterauth|mnemonic|authorization-|bearer|cookies?-',
    'secrets?-|tokens?-|credentials?|creds?-|-pwds?-|pwd-|-pw-|(?:bind|root|admin|user|db)pw-|-psks?-|-dsns?-|-jwts?-|-pat-',
    'api-?keys?-|(?:access|secret|private|account|signing|encryption|encrypt|master|shared|session|auth|service|storage|license)-?keys?-',
    'connection-?strings?|conn-?str(?:ing)?-|-(?:custom|user)-?data-|dockerconfigjson|dockercfg|id-rsa|id-dsa|id-ecdsa|id-ed25519',
    '-[a-z]+-keys?-|[a-z]+-salt-|secret-?access|secret-?key|access-?key',
  ].join('|'),
);
/** `REDISCLI_AUTH`, `--auth=`, `dbpass`: only as last word, since `authMode`, `passThrough` and `compass` are no secrets. */
const last = /-auths?-$|pass-$/;
const noPass = /(?:by|com|encom|sur|tres|over|under)pass-$/;

/** Trailing words that change nothing: `passwordBase64`, `client-key-data`, `TOKEN_2`. */
const neutral =
  /-(?:data|values?|b64|base|base64|64|32|16|plain|text|raw|strings?|old|new|previous|current|primary|secondary|default|hash|hashes|prod|dev|test|staging|\d+)-$/;

/** Names ending so tell where, how long, which or how many: `--token-file`, `secretName`, `tokenExpirationSeconds`. */
const harmless =
  /(?:file|path|dir|director(?:y|ie)|folder|mode|ttl|name|namespace|kubeconfig|timeout|interval|enabled?|disabled?|required?|optional|type|issuer|duration|expir(?:y|e|es|ation)|lifetime|lifespan|age|seconds?|minutes?|hours?|days?|period|ref|reference|selector|polic(?:y|ie)|audience|length|size|bytes?|version|kind|through|by|provider|cache|review|webhook|url|uri|endpoint|host|port|address|class|classe|store|template|object|request|rotation|manager|operator|controller|driver|plugin|sync|generator|mount|volume|engine|backend|format|algorithm|alg|method|source|prefix|suffix|header|field|attribute|allowed|status|condition|count|limit|max|min|group|role|rule|scope|service|resource)s?-$/;
/** `maxTokens`, `publicKey`, `topologyKey`, `tokenizer`: these words turn a secret's name into something else. */
const numbers = /-(?:max|min|num|total|count|input|output|prompt|completion|cached)-(?:[a-z]+-)*tokens?-/;
const publicKeys =
  /-(?:public|pub|topology|labels?|annotations?|partition|sort|primary|foreign|row|cache|object|config|field|match|map|group|index|property|remote|name|id|values?|user|username|metric|shard|tag|event|message|bucket|state|cluster|taint|toleration|env|header|param|lookup|dedup|sandbox|any|some|no|of|the|host|known)-keys?-/;
/** References to a Secret in charts and operators: `existingSecret`, `imagePullSecrets`, `tlsSecret`. */
const references =
  /-(?:existing|pull|tls|ssl|cert|certificate)-?secrets?-$|-(?:image)?pullsecrets?-$|-service-account-tokens?-$|-checksum-|-tokeniz|-ext-auth-$/;

/** A name without any of these is in none of the lists above: most names, and all that a long list of words has to be judged by. */
const mayBeSecret =
  /pass|auth|mnemonic|bearer|cookie|secret|token|cred|pw|psk|dsn|jwt|pat|key|conn|data|docker|dsa|rsa|ed25519|salt/i;

const known = new Map<string, boolean>();
/** Names come from the cluster: a hostile one may create any number. */
const mostKnown = 20_000;
const longestKnown = 128;

/** Whether a flag, variable, field or parameter of this name contains a secret. */
export function secretName(name: string): boolean {
  if (!mayBeSecret.test(name)) return false;
  const found = known.get(name);
  if (found !== undefined) return found;
  const judged = judge(name.length > longestName ? name.slice(-longestName) : name);
  if (name.length <= longestKnown) {
    if (known.size >= mostKnown) known.clear();
    known.set(name, judged);
  }
  return judged;
}

/** Only the end of a name matters. */
const longestName = 512;

function judge(name: string): boolean {
  const words = wordsOf(name);
  if (references.test(words) || numbers.test(words)) return false;
  const core = withoutNeutral(words);
  if (harmless.test(core)) return secretId.test(core);
  return holds(core) || (core !== words && holds(words));
}

function holds(words: string): boolean {
  const judged = publicKeys.test(words) ? words.replace(publicKeys, '-') : words;
  return anywhere.test(judged) || (last.test(judged) && !noPass.test(judged));
}

/** `secret_id` of AppRole and `accessKeyId` of AWS are half of a key. */
const secretId = /-(?:secret|access-key)-id-$/;

/** `-client-secret-` for `clientSecret`: lower-case words between dashes. */
function wordsOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase();
  return `-${words}-`.replace(/-{2,}/g, '-');
}

function withoutNeutral(words: string): string {
  let core = words;
  while (neutral.test(core)) {
    const shorter = core.replace(neutral, '-');
    if (shorter === '-') return core;
    core = shorter;
  }
  return core;
}

/** Additional names of secrets in a URL's query: `?sig=`, `?code=`, `?key=`, `?auth=`. */
const parameters = new Set([
  'sig',
  'signature',
  'code',
  'key',
  'sas',
  'access',
  'session',
  'sessionid',
  'sid',
  'hmac',
  'ticket',
  'nonce',
  'assertion',
  'otp',
]);

/** Whether a query parameter contains a secret. The name may be percent-encoded. */
export function secretParameter(name: string): boolean {
  const plain = decoded(name);
  return parameters.has(plain.toLowerCase()) || /signature$/i.test(plain) || secretName(plain);
}

function decoded(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
