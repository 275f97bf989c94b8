// Parses a line of a syslog file: RFC 3164 or RFC 5424, with or without `<priority>`, or the form with ISO timestamps that rsyslog
// writes. Pure.

export interface SyslogLine {
  readonly text: string;
  /** Severity, from `0` to `7`. Most files do not have it. */
  readonly priority?: string;
}

/** Characters in which the header must end. */
const longestHeader = 4096;
const tag = String.raw`[^\s:[\]]{1,64}(?:\[[^\]\s]{0,64}\])?:(?: |$)`;
const iso = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,20}`;
const data = String.raw`(?:-|(?:\[(?:[^\]\\]|\\.)*\])+)`;

const priority = /^<(\d{1,3})>/;
const rfc5424 = new RegExp(String.raw`^1 (?:-|${iso}) \S+ \S+ \S+ \S+ ${data}(?: |$)`, 's');
const rfc3164 = new RegExp(String.raw`^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ (?:${tag})?`);
const isoForm = new RegExp(String.raw`^${iso} (\S+) (?:${tag})`);
/** The second field of other programs' lines. */
const levelName = /^\W?(?:trace|debug|info|notice|warn|warning|err|error|crit|critical|fatal|alert|emerg|panic)\W?$/i;

/** Undefined for other forms. */
export function syslogLineOf(line: string): SyslogLine | undefined {
  const [written = '', number] = priority.exec(line) ?? [];
  const rest = line.slice(written.length);
  const start = rest.slice(0, longestHeader);
  const header = rfc5424.exec(start) ?? rfc3164.exec(start) ?? isoHeader(start);
  if (!header) return undefined;
  const text = rest.slice(header[0].length).replace(/^\uFEFF/, '');
  if (number === undefined || Number(number) > 191) return { text };
  return { text, priority: String(Number(number) % 8) };
}

function isoHeader(start: string): RegExpExecArray | undefined {
  const found = isoForm.exec(start);
  return found && !levelName.test(found[1] ?? '') ? found : undefined;
}
