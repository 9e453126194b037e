/** What starts and writes look up by key. */
const tablesThatGrow = ['secret', 'version', 'value_slot', 'resolution_secret', 'workload', 'audit_event'];
const firstLookAfter = 16;

/**
 * Has the planner look at tables that have just grown; to be called after each commit. Of a new database
 * PostgreSQL knows nothing until it analyzes by itself a minute later: it takes a partial index for empty
 * until then. Each look comes at four times the commits of the one before.
 */
export const watchGrowth = (run: (text: string) => Promise<void>): (() => void) => {
  let commits = 0;
  let nextLook = firstLookAfter;
  const look = async (): Promise<void> => {
    for (const table of tablesThatGrow) await run(`analyze "${table}"`);
  };
  return () => {
    commits += 1;
    if (commits < nextLook) return;
    nextLook = commits * 4;
    // A look that fails costs a slower plan and nothing else.
    look().catch(() => undefined);
  };
};
