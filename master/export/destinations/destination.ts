// The contract of a destination for the pages of a run.
import type { Timestamp } from '../../../src/model.ts';
import type { Manifest } from '../manifest.ts';

export interface Session {
  /** 24 hexadecimal digits. */
  readonly run: string;
  /** The cluster's name at the destination, and its UID: that of Namespace kube-system. */
  readonly cluster: { readonly id: string; readonly uid: string };
  readonly started: Timestamp;
  /** Replaces another cluster of this name. */
  readonly override: boolean;
}

/** Content of a page. */
export type Part = 'helm' | 'tree' | 'objects' | 'graph';

export interface Page {
  readonly part: Part;
  /** From 1, over all parts. A page sent again keeps its number. */
  readonly number: number;
  readonly body: Buffer;
}

/** All methods but `abort` reject with a SendFailure when retries are exhausted or useless. Pages may be sent concurrently. */
export interface Destination {
  /** For the log; contains no secret. */
  readonly name: string;
  open(session: Session): Promise<void>;
  page(page: Page): Promise<void>;
  commit(manifest: Manifest): Promise<void>;
  /** Tells the destination that nothing more follows. Never rejects. */
  abort(): Promise<void>;
  /** A change of the committed graph as one line of JSON; undefined if changes cannot be sent. */
  change?(revision: number, line: Buffer): Promise<void>;
  close(): Promise<void>;
}
