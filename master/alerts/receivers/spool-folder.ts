// A queue on disk: one file per message, whose names sort like the messages. Partial files have another name and are
// removed.
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../../src/fields.ts';
import type { Delivery, Spool } from './delivery-queue.ts';

const whole = /^(\d{12})-([0-9a-f]{32})\.json$/;

export class SpoolFolder implements Spool {
  readonly #folder: string;
  readonly #files = new Map<string, string>();
  #number = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async load(): Promise<readonly Delivery[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.#folder)).toSorted();
    const found: Delivery[] = [];
    for (const name of names) {
      const [, number = '', id = ''] = whole.exec(name) ?? [];
      const delivery = id === '' ? undefined : await this.#read(name, id);
      if (!delivery) {
        await rm(join(this.#folder, name), { force: true, recursive: true });
        continue;
      }
      this.#number = Math.max(this.#number, Number(number));
      this.#files.set(id, name);
      found.push(delivery);
    }
    return found;
  }

  async keep(delivery: Delivery): Promise<void> {
    const name = `${String(++this.#number).padStart(12, '0')}-${delivery.id}.json`;
    const path = join(this.#folder, name);
    this.#files.set(delivery.id, name);
    const file = await open(`${path}.part`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(delivery));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
  }

  async drop(id: string): Promise<void> {
    const name = this.#files.get(id);
    this.#files.delete(id);
    if (name !== undefined) await rm(join(this.#folder, name), { force: true });
  }

  async #read(name: string, id: string): Promise<Delivery | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(join(this.#folder, name), 'utf8'));
      return isDelivery(value) && value.id === id ? value : undefined;
    } catch {
      return undefined;
    }
  }
}

function isDelivery(value: unknown): value is Delivery {
  return isRecord(value) && ['id', 'at', 'contentType', 'body'].every((key) => typeof value[key] === 'string');
}
