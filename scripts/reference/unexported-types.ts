import ts from 'typescript';
import type { EntryPoint } from './read-entry-points.js';

/** A type that a public signature uses and that no entry point exports. */
export interface UnexportedType {
  readonly name: string;
  /** What of the public names uses it: `ProviderAdapter`. */
  readonly usedBy: string;
}

/** The package's own types that its public signatures use and that nobody can import, by name. */
export function unexportedTypes(
  entryPoints: readonly EntryPoint[],
  checker: ts.TypeChecker,
  isOwn: (file: string) => boolean,
): UnexportedType[] {
  const exported = new Set(entryPoints.flatMap(({ symbols }) => symbols.flatMap(({ declarations }) => declarations)));
  const found = new Map<string, UnexportedType>();
  for (const { symbols } of entryPoints)
    for (const { name, declarations } of symbols)
      for (const declaration of declarations)
        for (const used of typesIn(declaration, checker)) {
          const [own] = used.declarations ?? [];
          if (!own || exported.has(own) || !isOwn(own.getSourceFile().fileName) || found.has(used.name)) continue;
          if (ts.isTypeParameterDeclaration(own)) continue;
          found.set(used.name, { name: used.name, usedBy: name });
        }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The symbols that the types of a declaration name, bodies and private members left out. */
function typesIn(declaration: ts.Declaration, checker: ts.TypeChecker): ts.Symbol[] {
  const found: ts.Symbol[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) || isHidden(node)) return;
    if (ts.isTypeReferenceNode(node)) add(node.typeName);
    else if (ts.isExpressionWithTypeArguments(node)) add(node.expression);
    else if (ts.isTypeQueryNode(node)) return;
    ts.forEachChild(node, visit);
  };
  const add = (name: ts.Node): void => {
    const symbol = checker.getSymbolAtLocation(name);
    if (symbol) found.push(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  };
  visit(declaration);
  return found;
}

/** True of what a declaration file does not show: private members, and what a constant or a parameter begins with. */
function isHidden(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node)) {
    const isPrivate = ts.isPrivateIdentifier(node.name);
    return isPrivate || (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  }
  const hasInitializer = ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent);
  return parent !== undefined && hasInitializer && parent.initializer === node;
}
