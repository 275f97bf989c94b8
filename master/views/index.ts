// The registry of the forms besides JSON. Their order decides where an `Accept` leaves a choice, as `text/*` does.
import { cypher } from './cypher.ts';
import { cytoscape } from './cytoscape.ts';
import { dot } from './dot.ts';
import { gexf } from './gexf.ts';
import { graphml } from './graphml.ts';
import { mermaid } from './mermaid.ts';
import { svg } from './svg.ts';
import type { View } from './view.ts';

export const views: readonly View[] = [dot, svg, mermaid, graphml, gexf, cytoscape, cypher];
