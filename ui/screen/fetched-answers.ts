// Answers that sections of the panel ask for, kept while what they are about stays as it is.
import type { Resource } from '../../src/model.ts';
import { type Api, ApiError } from '../live/api.ts';
import type { Fetched } from '../panel/section.ts';

const most = 30;

export class FetchedAnswers {
  readonly #api: Pick<Api, 'ask'>;
  readonly #onAnswer: () => void;
  readonly #known = new Map<string, Fetched>();
  /** Shown until the newer answer is there: nothing flickers. */
  readonly #last = new Map<string, Fetched>();

  constructor(api: Pick<Api, 'ask'>, onAnswer: () => void) {
    this.#api = api;
    this.#onAnswer = onAnswer;
  }

  /** Undefined while nothing is there yet. Asked again with another `version`. */
  of(path: string, version: string, asYaml: boolean): Fetched | undefined {
    const key = `${path} ${version}`;
    const known = this.#known.get(key);
    if (known) return Object.keys(known).length > 0 ? known : this.#last.get(path);
    if (this.#known.size > most) this.clear();
    this.#known.set(key, {});
    void this.#ask(path, asYaml).then((answer) => {
      this.#known.set(key, answer);
      this.#last.set(path, answer);
      this.#onAnswer();
    });
    return this.#last.get(path);
  }

  clear(): void {
    this.#known.clear();
    this.#last.clear();
  }

  async #ask(path: string, asYaml: boolean): Promise<Fetched> {
    try {
      const asked = this.#api.ask<{ resource?: Resource; resources?: Resource[] }>(path);
      if (!asYaml) return { body: (await asked)?.body };
      const [answer, { stringify }] = await Promise.all([asked, import('./yaml.ts')]);
      const resource = answer?.body.resource ?? answer?.body.resources?.find(({ id }) => path.includes(pathEnd(id)));
      return { text: stringify(resource?.properties ?? answer?.body) };
    } catch (error) {
      return { error: error instanceof ApiError ? error.message : String(error) };
    }
  }
}

function pathEnd(id: string): string {
  return id
    .slice(id.indexOf(':') + 1)
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
