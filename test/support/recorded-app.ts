// The master's application over a graph of a test, with history in its own folder, written and read by the real threads. The test
// sets the time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { OpenedHistory } from '../../master/history/open.ts';
import type { RecorderTimes } from '../../master/history/recorder.ts';
import { kinds } from '../../master/kinds/index.ts';
import { steadyClock } from '../../src/clock.ts';
import { type Logger, silentLogger } from '../../src/logger.ts';
import { createTestApp, type TestApp, type TestAppOptions } from './app.ts';

export interface RecordedApp extends TestApp {
  readonly folder: string;
  readonly history: OpenedHistory;
  /** The answer of `path` as text. */
  ask(
    path: string,
  ): Promise<{ readonly status: number; readonly text: string; readonly headers: NodeJS.Dict<unknown> }>;
  json<T>(path: string): Promise<T>;
  /** Starts recording: call once. */
  start(): Promise<void>;
  /** Keeps a folder that was passed in. */
  close(): Promise<void>;
}

export interface RecordedAppOptions {
  /** Default: a new one. `memory` means none. */
  readonly folder?: string;
  /** Folder that is shared with others. */
  readonly shared?: string;
  readonly memory?: boolean;
  readonly epoch?: string;
  readonly cluster?: string;
  readonly clock?: () => number;
  /** Eight bytes with milliseconds that are added to the clock of everything, while it runs. */
  readonly offset?: SharedArrayBuffer;
  /** Maximum resources in a past graph. */
  readonly most?: number;
  /** Maximum resources that one question may visit. */
  readonly mostWalked?: number;
  readonly size?: number;
  readonly age?: number;
  readonly times?: Partial<RecorderTimes>;
  readonly logger?: Logger;
  /** Further context of its routes. */
  readonly context?: Pick<TestAppOptions, 'alerts' | 'series' | 'metrics' | 'now'>;
}

export function createRecordedApp(options: RecordedAppOptions = {}): RecordedApp {
  const {
    epoch = 'abcd0123',
    cluster = 'test',
    offset,
    clock = offset ? steadyClock(() => Date.now() + (new Float64Array(offset)[0] ?? 0)) : Date.now,
    memory = false,
    times,
    logger = silentLogger,
  } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'history-'));
  const history = new OpenedHistory({
    place: { folder: memory ? undefined : folder, cluster },
    config: {
      history: options.age ?? 7 * 86_400_000,
      historySize: options.size ?? 1 << 30,
      historyDir: folder,
      ...(options.shared === undefined ? {} : { historyShared: options.shared }),
      keepValues: false,
      auth: 'kubernetes',
    },
    epoch,
    logger,
    metrics: new Registry(),
    ...(offset && { offset, clock }),
    ...(times ? { times } : {}),
    ...(options.most ? { most: options.most } : {}),
    ...(options.mostWalked ? { mostWalked: options.mostWalked } : {}),
  });
  const server = { logger };
  const context = { ...options.context, server };
  const test = createTestApp({ clock, epoch, mirrored: true, history: history.whole(), ...context });
  for (const kind of kinds) test.store.sinkOf(kind).state('synced');
  const ask: RecordedApp['ask'] = async (path) => {
    const { statusCode: status, payload: text, headers } = await test.app.inject(path);
    return { status, text, headers };
  };
  return {
    ...test,
    folder,
    history,
    ask,
    json: async (path) => JSON.parse((await ask(path)).text),
    start: () => history.start(test),
    async close() {
      await history.close();
      await test.app.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
