// The registry of real runtimes that tests run on.
import { shortFolder } from '../short-folder.ts';
import { containerd } from './containerd.ts';
import { isInstalled } from './daemon.ts';
import { docker } from './docker.ts';
import type { EngineKind, StartOptions, TestEngine } from './engine.ts';
import { podman } from './podman.ts';

export const engineKinds: readonly EngineKind[] = [docker, podman, containerd];

/** Why its tests cannot run here; undefined if they can. With `CI=true` everything must be installed. */
export function missing(kind: EngineKind): string | undefined {
  if (process.env.CI === 'true') return undefined;
  const absent = kind.programs.filter((program) => !isInstalled(program));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  return process.getuid?.() === 0 ? undefined : 'needs root';
}

/** In its own folder below /tmp, because paths of unix sockets must be short. */
export function startEngine(kind: EngineKind, options?: StartOptions): Promise<TestEngine> {
  return kind.start(shortFolder(`ci-${kind.name.slice(0, 3)}`), options);
}
