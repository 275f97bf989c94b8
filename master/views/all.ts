// All forms besides JSON, one file per line; index.ts checks and orders them.
export { cypher } from './cypher.ts';
export { cytoscape } from './cytoscape.ts';
export { dot } from './dot.ts';
export { gexf } from './gexf.ts';
export { graphml } from './graphml.ts';
export { mermaid } from './mermaid.ts';
export { svg } from './svg.ts';
