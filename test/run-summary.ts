// The test runner's results as three numbers, and whether they mean success.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of the runner's JSON report that is read. */
interface Report {
  readonly success?: boolean;
  readonly testResults?: readonly {
    readonly status?: string;
    readonly assertionResults?: readonly { readonly status?: string }[];
  }[];
}

export const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 };

/** A failed file without failed tests, such as one that cannot be loaded, counts as one failure. */
export function readCounts({ testResults = [], success }: Report): Counts {
  const statuses = testResults.flatMap(({ status, assertionResults = [] }) => {
    const tests = assertionResults.map((one) => one.status);
    return status === 'failed' && !tests.includes('failed') ? [...tests, 'failed'] : tests;
  });
  const count = (wanted: (status: string | undefined) => boolean) => statuses.filter(wanted).length;
  const passed = count((status) => status === 'passed');
  const failed = count((status) => status === 'failed');
  // An error outside of tests fails the run even if no test failed.
  return { passed, failed: failed === 0 && success === false ? 1 : failed, skipped: statuses.length - passed - failed };
}

export function summary({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Nothing failed, something ran, and nothing was skipped if `strict`. */
export function isPassed({ passed, failed, skipped }: Counts, strict: boolean): boolean {
  return failed === 0 && passed > 0 && !(strict && skipped > 0);
}
