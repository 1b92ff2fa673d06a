/** What an account or a key is called, or its id; an account's id may be any text, `constructor` too. */
export function knownName(names: Readonly<Record<string, string>>, id: string): string {
  return (Object.hasOwn(names, id) ? names[id] : undefined) ?? id;
}
