// Guesses the level of a message from its start; `unknown` if unclear. Pure.

export type Level = 'unknown' | 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** Names of levels, possibly abbreviated, in lower case; longer words may start with them. */
const beginnings: readonly (readonly [string, Level])[] = [
  ['debu', 'debug'],
  ['trac', 'debug'],
  ['info', 'info'],
  ['noti', 'info'],
  ['warn', 'warning'],
  ['erro', 'error'],
  ['crit', 'critical'],
  ['emerg', 'critical'],
  ['fatal', 'critical'],
  ['alert', 'critical'],
  ['panic', 'critical'],
];
const short: { readonly [word: string]: Level } = {
  dbg: 'debug',
  trc: 'debug',
  inf: 'info',
  wrn: 'warning',
  err: 'error',
  ftl: 'critical',
  crt: 'critical',
};
const longestWord = 9;

const klog: { readonly [letter: string]: Level } = { I: 'info', W: 'warning', E: 'error', F: 'critical' };
/** `12:M 01 Jan 2026 10:00:00.000 # Warning`, where the mark is the level. */
const redis = /^\d+:[XCSM] \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d+ ([.\-*#])/;
const redisMarks: { readonly [mark: string]: Level } = { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warning' };
const named = /"?\b(?:level|lvl|severity|loglevel|log\.level)"?\s*[=:]\s*"?(\w+)/i;
/** Numeric levels of pino and bunyan. */
const numbered: { readonly [number: string]: Level } = {
  '10': 'debug',
  '20': 'debug',
  '30': 'info',
  '40': 'warning',
  '50': 'error',
  '60': 'critical',
};

/** Of syslog and the journal, from `0` (emerg) to `7` (debug). */
const priorities: { readonly [priority: string]: Level } = {
  '0': 'critical',
  '1': 'critical',
  '2': 'critical',
  '3': 'error',
  '4': 'warning',
  '5': 'info',
  '6': 'info',
  '7': 'debug',
};

/** Undefined if it says none. */
export function levelOfPriority(priority: string | undefined): Level | undefined {
  return priority !== undefined && Object.hasOwn(priorities, priority) ? priorities[priority] : undefined;
}

export function levelOf(message: string): Level {
  const start = message.slice(0, 512);
  const letter = /^([IWEF])\d{4} /.exec(start)?.[1];
  if (letter !== undefined) return klog[letter] ?? 'unknown';
  const mark = redis.exec(start)?.[1];
  if (mark !== undefined) return redisMarks[mark] ?? 'unknown';
  const word = named.exec(start)?.[1];
  const said = word === undefined ? undefined : (levelOfWord(word) ?? numbered[word]);
  return said ?? levelAmongFirst(start);
}

/** Among the first seven fields. */
function levelAmongFirst(start: string): Level {
  let fields = 0;
  for (const field of start.slice(0, 255).split(/\s+/)) {
    if (fields++ >= 7) break;
    for (const word of field.split(/[^A-Za-z]+/)) {
      const level = levelOfWord(word);
      if (level) return level;
    }
  }
  return 'unknown';
}

function levelOfWord(word: string): Level | undefined {
  if (word.length < 3 || word.length > longestWord) return undefined;
  const lower = word.toLowerCase();
  if (Object.hasOwn(short, lower)) return short[lower];
  return beginnings.find(([beginning]) => lower.startsWith(beginning))?.[1];
}

/** The text of a message within a record: logfmt's `msg="…"`, JSON's `"message":"…"`. */
export function textOfMessage(message: string): string {
  const start = message.slice(0, 8192);
  if (start.startsWith('{')) {
    try {
      const { msg, message: text, error, err } = JSON.parse(message) as { readonly [key: string]: unknown };
      const said = [msg, text, error, err].find((each) => typeof each === 'string' && each !== '');
      if (typeof said === 'string') return said;
    } catch {
      // Truncated, or not JSON.
    }
  }
  const quoted = /\b(?:msg|message)="((?:[^"\\]|\\.)*)"/.exec(start)?.[1];
  return quoted === undefined ? message : quoted.replace(/\\(.)/g, '$1');
}
