// The repository's source files with their import lines, for the house test.
export * from '../../install/import-lines.ts';
