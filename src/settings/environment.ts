// The environment of the process, by itself: what starts before the settings are loaded needs no more.

/** The whole environment, for what reads it by conventions of others: kubeconfig resolution, exec plugins, proxies. */
export const environment: NodeJS.ProcessEnv = process.env;
