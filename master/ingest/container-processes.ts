// Shows the processes that a runtime reports in a container, as parts of that container.
import { parseId, processId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphReader, GraphWriter } from '../graph/engine/engine.ts';
import type { RuntimeProcess } from '../sources/runtime/convert.ts';
import type { ItemMaker } from './item.ts';
import type { Known } from './known-container.ts';
import type { Staleness } from './staleness.ts';

export interface ContainerProcessesOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly items: ItemMaker;
  readonly staleness: Staleness;
}

type Properties = RuntimeProcess['properties'];

export class ContainerProcesses {
  readonly #options: ContainerProcessesOptions;

  constructor(options: ContainerProcessesOptions) {
    this.#options = options;
  }

  put({ node, shown }: Known, pid: string, properties: Properties): void {
    const { items, writer, staleness } = this.#options;
    const { path } = parseId(shown);
    const [namespace, , container] = path.split('/');
    // `node/name` is a container outside of any Pod, hence without a namespace.
    const place = container === undefined ? {} : { namespace };
    const id = processId(shown, pid);
    const metadata = { name: pid, ...place, container: path };
    const object = { apiVersion: 'v1', kind: 'Process', metadata, ...properties } as KubernetesObject;
    const item = items.fromPart({ type: 'Process', id, label: pid, object });
    writer.put({ ...item, properties: JSON.stringify(properties) });
    staleness.mark(id, node);
  }

  remove({ shown }: Known, pid: string): void {
    const { writer, staleness } = this.#options;
    const id = processId(shown, pid);
    writer.remove(id);
    staleness.unmark(id);
  }

  /** By pid, as in the graph. */
  of({ shown, processes }: Known): (readonly [string, Properties])[] {
    const { graph } = this.#options;
    return [...processes.keys()].flatMap((pid) => {
      const vertex = graph.get(processId(shown, pid));
      if (!vertex?.present) return [];
      return [[pid, JSON.parse(graph.propertiesOf(vertex)) as Properties] as const];
    });
  }
}
