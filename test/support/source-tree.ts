// The repository's source as the house test reads it: files and their import lines.
export * from '../../install/import-lines.ts';
