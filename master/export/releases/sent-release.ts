// A release of Helm as it is sent: what it is and what it installed, without a value of its configuration.
import { type Fields, fieldsOf, listOf } from '../../../src/fields.ts';
import { redacted, redactTree } from '../../../src/redact.ts';

/** Changes `release`, a fresh parse that nothing else holds. */
export function sentRelease(release: Fields): Fields {
  hideLeaves(release, 'config');
  const chart = fieldsOf(release['chart']);
  if (chart) cutChart(chart);
  // Manifests, hooks and notes are texts that the walk looks into.
  redactTree(release);
  return release;
}

/** The chart's own values are secrets as often as those of users. Charts hold charts. */
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

/** Which keys are set is kept, never to what. */
function hideLeaves(fields: Fields, key: string): void {
  const value = fields[key];
  if (typeof value === 'object' && value !== null)
    for (const name of Object.keys(value)) hideLeaves(value as Fields, name);
  else if (value !== undefined && value !== null) fields[key] = redacted;
}
