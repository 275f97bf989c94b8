import { expect, test } from 'vitest';
import { AlertLog } from '../../../../master/alerts/receivers/log.ts';
import { storyOf } from '../../../../master/alerts/story.ts';
import { firing, noon } from '../../../support/alerting.ts';

function opened(match = {}) {
  const lines: string[] = [];
  const write = (level: string) => (line: unknown) => void lines.push(`${level} ${String(line)}`);
  const log = new AlertLog({
    name: 'lines',
    match,
    storyOf: (alert) =>
      storyOf(alert, {
        url: 'https://insight.example.com',
        effectsOf: () => [firing('x')],
        before: [
          {
            at: '2026-11-28T11:59:00.000Z',
            resource: 'Deployment:shop/web',
            what: 'changed spec.replicas from 1 to 0',
          },
        ],
      }),
    logger: { info: write('info'), warn: write('warn'), error: write('error') } as never,
  });
  return { log, lines };
}

test('an alert is a line of key="value", and so is its end', () => {
  const { log, lines } = opened();
  log.take([{ kind: 'fired', alert: firing('web', { sentence: 'Says "no"\nand more.' }), at: noon }]);
  log.take([{ kind: 'ended', alert: firing('web'), at: noon, reason: 'over' }]);
  expect(lines).toEqual([
    'error "Alert fires" alert="service-no-ready-endpoint" severity="critical" class="broken" resource="Deployment:shop/web" ' +
      'since="2026-11-28T12:00:00.000Z" sentence="Says \\"no\\"\\nand more." proof="Service:shop/web loadBalances Pod:shop/web-0" ' +
      'affected=1 explains=1 before="2026-11-28T11:59:00.000Z Deployment:shop/web changed spec.replicas from 1 to 0" ' +
      'remedy="Look at the Pods." url="https://insight.example.com/ui/#/around?id=Deployment%3Ashop%2Fweb"',
    'info "Alert ended" alert="service-no-ready-endpoint" severity="critical" class="broken" resource="Deployment:shop/web" ' +
      'since="2026-11-28T12:00:00.000Z" reason="over"',
  ]);
});

test('very many at once are counted', () => {
  const { log, lines } = opened({ severity: ['critical'] });
  const fired = Array.from({ length: 200 }, (_, n) => ({ kind: 'fired' as const, alert: firing(`a${n}`), at: noon }));
  log.take([...fired, { kind: 'fired', alert: firing('b', { severity: 'high' }), at: noon }]);
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe('warn "More alerts at once than are logged" count=150');
  expect(log.state()).toMatchObject({ sent: 50, state: 'ok' });
});
