// The list of findings: one line a file; everything that such a file exports is a rule.
export * from './autoscalers.ts';
export * from './budgets.ts';
export * from './containers.ts';
export * from './extensions.ts';
export * from './owners.ts';
export * from './references.ts';
export * from './routes.ts';
export * from './services.ts';
