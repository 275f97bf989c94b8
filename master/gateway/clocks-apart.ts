/**
 * Milliseconds by which the clocks of a gateway and of a cluster may differ: a command says until when it may be carried out by the
 * gateway's clock, and is judged by the agent's. How long somebody waits for the answer is another matter.
 */
export const clocksApart = 300_000;
