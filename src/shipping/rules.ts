// The meaning of a collector's answers. OTLP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response, remote write
// 1.0: https://prometheus.io/docs/specs/prw/remote_write_spec/.

export interface Rules {
  readonly isSuccess: (status: number) => boolean;
  /** Whether the same body may be sent again; all other failures are final. */
  readonly isPassing: (status: number) => boolean;
}

const passingOfOtlp: readonly number[] = [429, 502, 503, 504];

export const otlpRules: Rules = {
  isSuccess: (status) => status === 200,
  isPassing: (status) => passingOfOtlp.includes(status),
};

export const remoteWriteRules: Rules = {
  isSuccess: (status) => status >= 200 && status < 300,
  isPassing: (status) => status === 429 || status >= 500,
};

/** Milliseconds in `Retry-After`, given in seconds or as a date; undefined if unusable. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
