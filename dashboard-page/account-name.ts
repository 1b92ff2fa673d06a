/** What an account is called, or its id; an id may be any text, `constructor` too. */
export function accountName(names: Readonly<Record<string, string>>, id: string): string {
  return (Object.hasOwn(names, id) ? names[id] : undefined) ?? id;
}
