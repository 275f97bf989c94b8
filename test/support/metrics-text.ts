// Parses Prometheus text: https://prometheus.io/docs/instrumenting/exposition_formats/
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly { readonly name: string; readonly labels: { readonly [label: string]: string } }[];
}

export function familiesOf(text: string): Family[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => {
      const [help = '', type = '', ...lines] = block.split('\n');
      const [, name = '', words = ''] = /^# HELP (\S+) ?(.*)$/.exec(help) ?? [];
      const [, typed, is = ''] = /^# TYPE (\S+) (\S+)$/.exec(type) ?? [];
      if (name === '' || typed !== name) throw new Error(`no head of a metric: ${help}, ${type}`);
      return { name, type: is, help: words, samples: lines.map(sampleOf) };
    });
}

function sampleOf(line: string): Family['samples'][number] {
  const [, name, labels = ''] = /^([^{\s]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  return {
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  };
}

/** Sum of a metric's samples that have at least these labels. */
export function sumOf(text: string, name: string, labels: { readonly [label: string]: string } = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const those = lines.filter((line) => wanted.every((each) => line.includes(each)));
  if (those.length === 0) throw new Error(`there is no ${name} of ${wanted.join(', ')}`);
  return those.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
