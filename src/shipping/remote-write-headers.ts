// Headers of a remote-write 1.0 request: https://prometheus.io/docs/specs/prw/remote_write_spec/

export const remoteWriteHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'cluster-insight',
} as const;
