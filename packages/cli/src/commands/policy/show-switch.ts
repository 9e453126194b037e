/** A switch's value as `policy set` takes it: `development=owner,admin staging=` for roles by environment. */
export function showSwitch(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([environment, roles]) => `${environment}=${Array.isArray(roles) ? roles.join(',') : String(roles)}`)
    .join(' ');
}
