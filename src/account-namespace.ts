// Whose ServiceAccount a user name is. Whoever may make one in a namespace makes as many as they like: all of them share one share.

/** The namespace of `system:serviceaccount:NAMESPACE:NAME`; undefined for a name of another form. */
export function accountNamespace(username: string): string | undefined {
  return /^system:serviceaccount:([^:]+):/.exec(username)?.[1];
}
