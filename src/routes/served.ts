/** A route of the target's adapter, which `fits` has checked for. */
export function served<T>(route: T | undefined): T {
  if (route === undefined) throw new Error('a target that does not serve this route');
  return route;
}
