// All functions with a key, in one table: the page executes it, `?` prints it, a test presses all.

export interface Actions {
  search(): void;
  move(direction: 'up' | 'down' | 'left' | 'right'): void;
  first(last: boolean): void;
  open(): void;
  out(): void;
  clear(): void;
  impact(): void;
  path(): void;
  around(): void;
  findings(): void;
  actions(): void;
  table(): void;
  relation(): void;
  group(): void;
  filter(): void;
  legend(): void;
  infrastructure(): void;
  layOut(): void;
  fit(): void;
  size(step: 1 | -1): void;
  pause(): void;
  object(): void;
  copyLink(): void;
  save(): void;
  saved(): void;
  theme(): void;
  panel(): void;
  step(step: 1 | -1): void;
  play(): void;
  mark(which: 'since' | 'until'): void;
  diff(): void;
  now(): void;
  history(): void;
  help(): void;
}

export interface Key {
  /** As in `KeyboardEvent.key`, optionally after `Control+` or `Alt+`. */
  readonly keys: readonly string[];
  /** As `?` prints it; the first of `keys` if left out. */
  readonly shown?: string;
  readonly words: string;
  readonly group: 'Go' | 'Look' | 'Show' | 'Time' | 'Page';
  readonly run: (actions: Actions) => void;
  /** Also works in text fields. */
  readonly everywhere?: true;
  /** Works and is shown only where a gateway takes actions. */
  readonly only?: 'actions';
}

export const keys: readonly Key[] = [
  { keys: ['/'], words: 'Search everything', group: 'Go', run: (page) => page.search() },
  {
    keys: ['Control+k', 'Meta+k'],
    shown: 'Ctrl K',
    words: 'Search everything',
    group: 'Go',
    run: (page) => page.search(),
    everywhere: true,
  },
  { keys: ['ArrowUp'], shown: '↑', words: 'The card above', group: 'Go', run: (page) => page.move('up') },
  { keys: ['ArrowDown'], shown: '↓', words: 'The card below', group: 'Go', run: (page) => page.move('down') },
  {
    keys: ['ArrowLeft'],
    shown: '←',
    words: 'To the left, along relations',
    group: 'Go',
    run: (page) => page.move('left'),
  },
  {
    keys: ['ArrowRight'],
    shown: '→',
    words: 'To the right, along relations',
    group: 'Go',
    run: (page) => page.move('right'),
  },
  { keys: ['Home'], words: 'The first card', group: 'Go', run: (page) => page.first(false) },
  { keys: ['End'], words: 'The last card', group: 'Go', run: (page) => page.first(true) },
  { keys: ['Enter'], words: 'Open the card', group: 'Go', run: (page) => page.open() },
  {
    keys: ['Backspace', 'Alt+ArrowUp'],
    words: 'Out, one level',
    group: 'Go',
    run: (page) => page.out(),
  },
  { keys: ['n'], words: 'What is around it', group: 'Look', run: (page) => page.around() },
  { keys: ['i'], words: 'Impact: what breaks without it', group: 'Look', run: (page) => page.impact() },
  {
    keys: ['p'],
    words: 'Path from it to another, which is searched for',
    group: 'Look',
    run: (page) => page.path(),
  },
  {
    keys: ['e'],
    words: 'Its relations one by one, with their reasons',
    group: 'Look',
    run: (page) => page.relation(),
  },
  { keys: ['y'], words: 'Its object as YAML', group: 'Look', run: (page) => page.object() },
  {
    keys: ['b'],
    words: 'Findings: what is broken or at risk, here or everywhere',
    group: 'Show',
    run: (page) => page.findings(),
  },
  {
    keys: ['u'],
    words: 'Actions: asked for, under way, done',
    group: 'Show',
    run: (page) => page.actions(),
    only: 'actions',
  },
  { keys: ['t'], words: 'The same as a table, and back', group: 'Show', run: (page) => page.table() },
  {
    keys: ['g'],
    words: 'Group the wall by the next: namespace, node, zone, type, application',
    group: 'Show',
    run: (page) => page.group(),
  },
  { keys: ['f'], words: 'Filters', group: 'Show', run: (page) => page.filter() },
  {
    keys: ['l'],
    words: 'Legend: states and families of relations, on and off',
    group: 'Show',
    run: (page) => page.legend(),
  },
  {
    keys: ['x'],
    words: 'Infrastructure: nodes, volumes, images, on and off',
    group: 'Show',
    run: (page) => page.infrastructure(),
  },
  { keys: ['+', '='], words: 'Larger cards', group: 'Show', run: (page) => page.size(1) },
  { keys: ['-'], words: 'Smaller cards: names, then dots', group: 'Show', run: (page) => page.size(-1) },
  { keys: ['0'], words: 'As large as fits', group: 'Show', run: (page) => page.fit() },
  {
    keys: ['r'],
    words: 'Lay out again: the only thing that moves cards',
    group: 'Show',
    run: (page) => page.layOut(),
  },
  { keys: [' '], shown: 'Space', words: 'Pause, and go on', group: 'Page', run: (page) => page.pause() },
  { keys: ['c'], words: 'Copy a link to what is shown', group: 'Page', run: (page) => page.copyLink() },
  { keys: ['s'], words: 'Save this view in this browser', group: 'Page', run: (page) => page.save() },
  { keys: ['v'], words: 'Saved views', group: 'Page', run: (page) => page.saved() },
  {
    keys: ['a'],
    words: 'Appearance: as the system has it, light, dark',
    group: 'Page',
    run: (page) => page.theme(),
  },
  { keys: ['o'], words: 'To the panel, and back to the map', group: 'Page', run: (page) => page.panel() },
  {
    keys: ['Escape'],
    shown: 'Esc',
    words: 'Close, or let go of the card',
    group: 'Page',
    run: (page) => page.clear(),
    everywhere: true,
  },
  { keys: [','], words: 'The change before', group: 'Time', run: (page) => page.step(-1) },
  { keys: ['.'], words: 'The next change', group: 'Time', run: (page) => page.step(1) },
  { keys: ['m'], words: 'Play from change to change, and stop', group: 'Time', run: (page) => page.play() },
  {
    keys: ['['],
    words: 'Mark where a difference begins',
    group: 'Time',
    run: (page) => page.mark('since'),
  },
  {
    keys: [']'],
    words: 'Mark where it ends; now if left out',
    group: 'Time',
    run: (page) => page.mark('until'),
  },
  { keys: ['d'], words: 'The difference of the two marks', group: 'Time', run: (page) => page.diff() },
  { keys: ['h'], words: 'The history of the card', group: 'Time', run: (page) => page.history() },
  { keys: ['w'], words: 'Now again', group: 'Time', run: (page) => page.now() },
  { keys: ['?'], words: 'These keys', group: 'Page', run: (page) => page.help() },
];

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** `single` is false if keys without Control are disabled (WCAG 2.1.4); arrows and similar keys stay. */
export function keyOfEvent({ key, ctrlKey, metaKey, altKey }: Pressed, single: boolean): Key | undefined {
  const name = `${ctrlKey ? 'Control+' : ''}${metaKey ? 'Meta+' : ''}${altKey ? 'Alt+' : ''}${key.length === 1 && (ctrlKey || metaKey) ? key.toLowerCase() : key}`;
  if (!single && key.length === 1 && !ctrlKey && !metaKey) return undefined;
  return keys.find((each) => each.keys.includes(name));
}
