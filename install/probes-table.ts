// The table of probe metrics, generated from their list.
import { metrics } from '../minion/probes/metrics.ts';

export function probesTable(): string {
  const rows = Object.entries(metrics).map(([name, { type, probe, help, labels }]) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${named} | \`${probe}\` | ${help} |`;
  });
  return ['| metric | type | own labels | probe | meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}
