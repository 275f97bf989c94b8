import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { streamOf } from '../../../master/routes/answer.ts';

afterEach(() => void vi.useRealTimers());

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(1 << 16);
}

function slowly(held: number) {
  vi.useFakeTimers();
  const release = vi.fn<() => void>();
  const body: Readable = streamOf({ release, held: () => held }, endless());
  const failed = vi.fn<(error: Error) => void>();
  body.on('error', failed).read(1);
  return { body, release, failed };
}

describe('a reader that stands still', () => {
  it('is cut off once it keeps too much of the past in memory, and lets go of it', async () => {
    const { release, failed } = slowly(600 << 20);
    await vi.advanceTimersByTimeAsync(1500);
    expect(failed).toHaveBeenCalledOnce();
    expect(release).toHaveBeenCalledOnce();
  });

  it('is left alone while little has changed since', async () => {
    const { body, release, failed } = slowly(100 << 20);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(failed).not.toHaveBeenCalled();
    body.destroy();
    await vi.advanceTimersByTimeAsync(10);
    expect(release).toHaveBeenCalledOnce();
  });
});
