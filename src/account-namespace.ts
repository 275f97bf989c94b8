// The namespace of a ServiceAccount's user name. Accounts of a namespace can be created at will, so they share one limit.

/** The namespace of `system:serviceaccount:NAMESPACE:NAME`; undefined for a name of another form. */
export function accountNamespace(username: string): string | undefined {
  return /^system:serviceaccount:([^:]+):/.exec(username)?.[1];
}
