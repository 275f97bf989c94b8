// The contract of a destination: what becomes of the pages of one run.
import type { Timestamp } from '../../../src/model.ts';
import type { Manifest } from '../manifest.ts';

export interface Session {
  /** 24 hexadecimal digits. */
  readonly run: string;
  /** The name by which the destination knows the cluster, and its UID: that of the namespace kube-system. */
  readonly cluster: { readonly id: string; readonly uid: string };
  readonly started: Timestamp;
  /** Takes the place of another cluster of this name. */
  readonly override: boolean;
}

/** What a page holds. */
export type Part = 'helm' | 'tree' | 'objects' | 'graph';

export interface Page {
  readonly part: Part;
  /** From 1, over all parts. A page that is sent again has the same. */
  readonly number: number;
  readonly body: Buffer;
}

/** Everything but `abort` rejects with a SendFailure once no further try is of use. Pages may be sent side by side. */
export interface Destination {
  /** For the log; holds no secret. */
  readonly name: string;
  open(session: Session): Promise<void>;
  page(page: Page): Promise<void>;
  commit(manifest: Manifest): Promise<void>;
  /** Tells the destination that nothing more comes. Never rejects. */
  abort(): Promise<void>;
  /** A change of the graph that was committed, as one line of JSON; absent where changes cannot be sent. */
  change?(revision: number, line: Buffer): Promise<void>;
  close(): Promise<void>;
}
