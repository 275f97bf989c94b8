// A custom webhook body from a Liquid template, filled from the message. It can read no files or inherited properties, and
// its time and memory are limited.
import { Liquid } from 'liquidjs';
import type { Message } from '../message.ts';

export type Template = (message: Message) => string;

/** Characters, milliseconds and objects. */
const limits = { parseLimit: 100_000, renderLimit: 500, memoryLimit: 5_000_000 };

/**
 * Tested on a sample message; the result must be JSON if that is the content type.
 * @throws Error with the reason.
 */
export function readTemplate(text: string, contentType: string): Template {
  const engine = new Liquid({ ...limits, strictFilters: true, ownPropertyOnly: true, templates: {}, cache: false });
  engine.registerFilter('chat', chatText);
  const parsed = engine.parse(text);
  const render = (message: Message) => String(engine.renderSync(parsed, message));
  const made = render(sample);
  if (/^application\/([\w.-]+\+)?json\b/.test(contentType)) checkJson(made);
  return render;
}

/**
 * Literal text for chats. Sentences may contain a container's output, which must not mention a channel: Slack's mentions
 * and links are in angle brackets, others start with @.
 */
export function chatText(value: unknown): string {
  const text = String(value ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return text.replace(/@(?=\w)/g, '@\u200b');
}

function checkJson(made: string): void {
  try {
    JSON.parse(made);
  } catch (error) {
    const hint = 'write {{ title | json }} for each text';
    throw new Error(`makes no JSON of a message: ${(error as Error).message}; ${hint}`, { cause: error });
  }
}

/** The texts contain characters that JSON must escape. */
const sample: Message = {
  version: 1,
  id: '0'.repeat(32),
  at: '2026-01-01T00:00:00.000Z',
  cluster: 'a "cluster"',
  group: { alert: 'service-no-ready-endpoint', namespace: 'shop' },
  status: 'firing',
  repeat: false,
  active: 1,
  title: '[a "cluster"] critical: service-no-ready-endpoint of Service:shop/web',
  text: 'a line\nanother "line"',
  alerts: [
    {
      status: 'firing',
      alert: 'service-no-ready-endpoint',
      id: 'abc',
      class: 'broken',
      severity: 'critical',
      resource: 'Service:shop/web',
      type: 'Service',
      namespace: 'shop',
      sentence: 'No Pod behind "web" is ready.',
      remedy: 'Look at the Pods.',
      link: 'https://example.com/',
      field: 'spec.selector',
      path: [{ from: 'Service:shop/web', to: 'Pod:shop/web-0', type: 'loadBalances', field: 'spec.selector' }],
      affected: { count: 1, first: ['Pod:shop/web-0'] },
      since: '2026-01-01T00:00:00.000Z',
      firedAt: '2026-01-01T00:00:00.000Z',
      endedAt: undefined,
      endReason: undefined,
      flapping: false,
      times: undefined,
      possibly: false,
      effects: { count: 0, first: [] },
      before: [],
      beforeUnknown: 'no history is kept',
      page: 'https://example.com/ui/',
      picture: 'https://example.com/cluster',
    },
  ],
  more: { count: 0, first: [] },
};
