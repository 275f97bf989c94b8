// Every form besides JSON, one line a file; index.ts checks and orders them.
export { cypher } from './cypher.ts';
export { cytoscape } from './cytoscape.ts';
export { dot } from './dot.ts';
export { gexf } from './gexf.ts';
export { graphml } from './graphml.ts';
export { mermaid } from './mermaid.ts';
export { svg } from './svg.ts';
