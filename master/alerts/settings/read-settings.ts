// Parses the alerts file, YAML or JSON. An invalid receiver or rule is skipped and reported with its line.

import {
  duration,
  flag,
  listOf,
  oneOf,
  type PlacedFault,
  type Read,
  type Reader,
  record,
  whole,
} from '../../yaml/checked.ts';
import { type LineFault, readYaml } from '../../yaml/yaml-lines.ts';
import { usualChanges } from '../changes/usual-changes.ts';
import { groupLabels } from '../states/alert-groups.ts';
import { type AlertRule, type AlertSettings, type ReceiverSettings, usualSettings } from './alert-settings.ts';
import { receiversIn } from './read-receivers.ts';
import { rulesIn } from './read-rules.ts';
import { httpUrl, type Tell } from './words.ts';

export interface ReadSettings {
  /** Undefined if the whole file is unusable. */
  readonly settings: AlertSettings | undefined;
  readonly faults: readonly LineFault[];
}

const minute = 60_000;

const parts = {
  url: httpUrl,
  group: record({
    by: listOf(oneOf(groupLabels)),
    wait: duration(),
    interval: duration(1000),
    repeat: duration(minute),
    repeatCritical: duration(minute),
    perRoot: duration(),
  }),
  for: record({ critical: duration(), high: duration(), medium: duration(), low: duration(), info: duration() }),
  end: duration(),
  lasts: duration(minute),
  hold: duration(),
  flap: record({ begins: whole(2, 100), within: duration(minute), quiet: duration(minute) }),
  maintenance: record({ cordoned: flag, terminating: flag, rollouts: flag }),
  changes: listOf(oneOf(usualChanges.map(({ name }) => name)), { least: 0 }),
};

export function readAlertSettings(file: string, said: string): ReadSettings {
  const { value, faults, faultOf } = readYaml(file, said);
  if (faults.length > 0) return { settings: undefined, faults };
  const told: LineFault[] = [];
  const tell = (fault: PlacedFault) => void told.push(faultOf(fault));
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    tell({ place: [], message: 'must be a map: write such as "receivers:" with a list below it' });
    return { settings: undefined, faults: told };
  }
  const { receivers, alerts, ...rest } = (value ?? {}) as { readonly [key: string]: unknown };
  const general = partsOf(rest, tell);
  return {
    settings: settingsOf(general, receiversIn(receivers, tell), rulesIn(alerts, tell)),
    faults: told,
  };
}

type General = { readonly [key in keyof typeof parts]?: Read<(typeof parts)[key]> };

/** Each part separately: an invalid one does not affect others. */
function partsOf(rest: { readonly [key: string]: unknown }, tell: Tell): General {
  const readers: { readonly [key: string]: Reader<unknown> } = parts;
  const read = Object.entries(rest).map(([key, value]) => {
    const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
    if (reader) return [key, reader(value, [key], tell)] as const;
    const there = [...Object.keys(readers), 'receivers', 'alerts'].join(', ');
    tell({ place: [key], message: `there is no such key; there are ${there}` });
    return [key, undefined] as const;
  });
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as General;
}

function settingsOf(
  general: General,
  receivers: readonly ReceiverSettings[],
  own: readonly AlertRule[],
): AlertSettings {
  const usual = usualSettings;
  const wanted = new Set<string>(general.changes ?? usualChanges.filter((each) => each.usual).map(({ name }) => name));
  const taken = new Set(own.flatMap((each) => (each.kind === 'change' ? [each.name] : [])));
  const builtIn = usualChanges.filter(({ name }) => wanted.has(name) && !taken.has(name));
  return {
    url: general.url,
    receivers,
    grouping: { ...usual.grouping, ...general.group },
    damping: { flap: { ...usual.damping.flap, ...general.flap }, hold: general.hold ?? usual.damping.hold },
    for: { ...usual.for, ...general.for },
    end: general.end ?? usual.end,
    lasts: general.lasts ?? usual.lasts,
    maintenance: { ...usual.maintenance, ...general.maintenance },
    rules: [...own, ...builtIn.map(({ rule }) => rule)],
  };
}
