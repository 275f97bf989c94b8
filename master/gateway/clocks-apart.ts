/**
 * Tolerated clock difference of a gateway and a cluster, in milliseconds. The gateway sets a command's expiry by its own clock,
 * and the agent checks it by its own. How long the gateway waits for the answer does not depend on it.
 */
export const clocksApart = 300_000;
