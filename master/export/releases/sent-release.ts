// A Helm release as sent: identity and installed objects, without configuration values.
import { type Fields, fieldsOf, listOf } from '../../../src/fields.ts';
import { redacted, redactTree } from '../../../src/redact.ts';

/** Changes `release`, a fresh parse with no other users. */
export function sentRelease(release: Fields): Fields {
  hideLeaves(release, 'config');
  const chart = fieldsOf(release['chart']);
  if (chart) cutChart(chart);
  // Redaction parses manifests, hooks and notes, which are texts.
  redactTree(release);
  return release;
}

/** The chart's own values are secrets as often as the user's. Charts contain charts. */
function cutChart(chart: Fields): void {
  hideLeaves(chart, 'values');
  delete chart['schema'];
  for (const list of ['templates', 'files', 'raw']) {
    for (const file of listOf(chart[list])) {
      const fields = fieldsOf(file);
      if (fields && 'data' in fields) fields['data'] = { bytes: Buffer.byteLength(String(fields['data']), 'base64') };
    }
  }
  const metadata = fieldsOf(chart['metadata']);
  if (metadata) delete metadata['annotations'];
}

/** Keeps the keys and hides the values. */
function hideLeaves(fields: Fields, key: string): void {
  const value = fields[key];
  if (typeof value === 'object' && value !== null)
    for (const name of Object.keys(value)) hideLeaves(value as Fields, name);
  else if (value !== undefined && value !== null) fields[key] = redacted;
}
