// What a mapping says: which series tell of connections, and which of their labels name the ends. Types only.
import type { PrometheusPlace } from '../prometheus/prometheus.ts';

/** A label, the first non-empty of several, or a constant. */
export type Word = string | readonly string[] | { readonly is: string };

/** How a label names a resource. */
export type EndForm =
  | { readonly workload: { readonly kind?: Word | undefined; readonly namespace: Word; readonly name: Word } }
  | { readonly pod: { readonly namespace: Word; readonly name: Word } }
  | { readonly container: { readonly namespace: Word; readonly pod: Word; readonly name: Word } }
  | { readonly service: { readonly namespace: Word; readonly name: Word } }
  | { readonly node: { readonly name: Word } }
  /** `address:port`, or a name in place of the address. */
  | { readonly address: Word }
  /** Literal text with `{namespace}`, `{pod}`, `{container}`, `{name}`, and `{_}` for what is not looked at. */
  | { readonly pattern: { readonly label: string; readonly as: string; readonly kind?: string | undefined } };

export const sightings = ['increase', 'positive', 'present'] as const;

/** One selector of series. */
export interface Selected {
  /** A metric, with matchers or without. */
  readonly match: string;
  /** `increase`: a counter that grew lately, or began; `positive`: a gauge above zero; `present`: that it is there. */
  readonly seen: (typeof sightings)[number];
  /** What it counts failed. */
  readonly failed?: boolean | undefined;
}

export interface Mapping {
  readonly select: readonly Selected[];
  /** In order: the first that names exactly one resource wins. */
  readonly source: readonly EndForm[];
  readonly target: readonly EndForm[];
  /** What was dialled. */
  readonly via: readonly EndForm[];
  /** Labels with the port, unless an address has it. */
  readonly port: readonly string[];
  /** Series with one of these values are no connections. */
  readonly ignore: { readonly [label: string]: readonly string[] };
  /** Whether a series with a Service as target shows the Service that another series of the same names went through. */
  readonly foldService: boolean;
  /** Mappings with a greater rank take precedence. */
  readonly rank: number;
}

export interface PrometheusRead extends PrometheusPlace {
  /** Milliseconds. */
  readonly every: number;
}

export interface ConnectionSource {
  readonly name: string;
  readonly read: PrometheusRead;
  readonly mapping: Mapping;
  /** Milliseconds that a relation stays after it was last seen. */
  readonly keptFor: number;
  readonly bounds: { readonly series: number; readonly relations: number };
}
