/** All members of an object with their values, also those that its class defines; functions are bound to it. */
export function membersOf(object: object): [name: string, value: unknown][] {
  const names = new Set<string>();
  for (let at: object | null = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return [...names].map((name) => {
    const value = (object as Readonly<Record<string, unknown>>)[name];
    return [name, typeof value === 'function' ? value.bind(object) : value];
  });
}
