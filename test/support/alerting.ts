// Invented findings, a source of them that a test drives, and timers in a time that passes when a test says so.

import type { Alert, Transition } from '../../master/alerts/alert.ts';
import type { Later } from '../../master/alerts/later.ts';
import { usualSettings } from '../../master/alerts/settings/alert-settings.ts';
import type { Damping } from '../../master/alerts/states/judge.ts';
import type { Finding, FindingChange, FindingSource, Undecided } from '../../master/findings/contract.ts';
import type { VirtualTime } from './virtual-time.ts';

export const noon = Date.parse('2026-11-28T12:00:00.000Z');

export function finding(id: string, more: Partial<Finding> = {}): Finding {
  return {
    id,
    name: 'service-no-ready-endpoint',
    class: 'broken',
    severity: 'critical',
    resource: `Deployment:shop/${id}`,
    type: 'Deployment',
    namespace: 'shop',
    sentence: `No Pod of ${id} is ready.`,
    remedy: 'Look at the Pods.',
    link: 'https://example.com/findings',
    path: [{ from: `Service:shop/${id}`, to: `Pod:shop/${id}-0`, type: 'loadBalances', field: 'spec.selector' }],
    affected: { count: 1, first: [`Pod:shop/${id}-0`] },
    since: new Date(noon).toISOString(),
    ...more,
  };
}

export class FakeFindings implements FindingSource {
  readonly #found = new Map<string, Finding>();
  readonly #listeners = new Set<(changes: readonly FindingChange[]) => void>();
  settled = true;
  keepsAdvice = true;

  current(): Iterable<Finding> {
    return this.#found.values();
  }

  all(): Iterable<Finding> {
    return this.#found.values();
  }

  get(id: string): Finding | undefined {
    return this.#found.get(id);
  }

  of(resource: string): Iterable<Finding> {
    return [...this.#found.values()].filter((each) => each.resource === resource);
  }

  undecided(): Iterable<Undecided> {
    return [];
  }

  subscribe(listener: (changes: readonly FindingChange[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  begin(...found: readonly Finding[]): void {
    for (const each of found) this.#found.set(each.id, each);
    this.#tell(found.map((each) => ({ kind: 'begin', finding: each, at: each.since })));
  }

  change(changed: Finding): void {
    this.#found.set(changed.id, changed);
    this.#tell([{ kind: 'change', finding: changed, at: changed.since }]);
  }

  end(...ids: readonly string[]): void {
    const ended = ids.flatMap((id) => this.#found.get(id) ?? []);
    for (const id of ids) this.#found.delete(id);
    this.#tell(ended.map((each) => ({ kind: 'end', finding: each, at: each.since })));
  }

  #tell(changes: readonly FindingChange[]): void {
    for (const listener of this.#listeners) listener(changes);
  }
}

export function virtualLater(time: VirtualTime): Later {
  return (ms, work) => {
    const ending = new AbortController();
    void time.sleep(ms, ending.signal).then(() => {
      if (!ending.signal.aborted) work();
    });
    return () => ending.abort();
  };
}

export const damping: Damping = usualSettings.damping;

/** A transition as text: kind, alert, and milliseconds after noon. */
export function short({ kind, alert, at }: Transition): string {
  return `${kind} ${alert.key} ${at - noon}`;
}

/** An alert that has been firing since noon. */
export function firing(id: string, more: Partial<Finding> = {}): Alert {
  const subject = finding(id, more);
  return {
    key: id,
    subject,
    state: 'firing',
    isTrue: true,
    since: noon,
    firedAt: noon,
    begins: [noon],
    turned: noon,
    severity: subject.severity,
  };
}
