// Body of a Prometheus remote-write 1.0 request: the protobuf messages as a snappy block.
// https://prometheus.io/docs/specs/prw/remote_write_spec/
import protobuf from 'protobufjs/light.js';
import { compress } from 'snappyjs';
import type { Point } from './points.ts';

/** https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto and types.proto, as needed for samples. */
const messages = protobuf.Root.fromJSON({
  nested: {
    WriteRequest: { fields: { timeseries: { rule: 'repeated', type: 'TimeSeries', id: 1 } } },
    TimeSeries: {
      fields: {
        labels: { rule: 'repeated', type: 'Label', id: 1 },
        samples: { rule: 'repeated', type: 'Sample', id: 2 },
      },
    },
    Label: { fields: { name: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Sample: { fields: { value: { type: 'double', id: 1 }, timestamp: { type: 'int64', id: 2 } } },
  },
});
const request = messages.lookupType('WriteRequest');

/** Labels are sorted and not empty; samples of a series are sorted by time. */
export function remoteWriteBody(points: readonly Point[]): Buffer {
  const series = new Map<string, { labels: object[]; samples: { value: number; timestamp: number }[] }>();
  for (const { name, labels, value, at } of points) {
    const named = Object.entries({ ...labels, __name__: name }).filter(([, text]) => text !== '');
    const sorted = named
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, text]) => ({ name: label, value: text }));
    const key = JSON.stringify(sorted);
    const known = series.get(key);
    if (known) known.samples.push({ value, timestamp: at });
    else series.set(key, { labels: sorted, samples: [{ value, timestamp: at }] });
  }
  for (const { samples } of series.values()) samples.sort((a, b) => a.timestamp - b.timestamp);
  const bytes = request.encode(request.create({ timeseries: [...series.values()] })).finish();
  return Buffer.from(compress(bytes));
}
