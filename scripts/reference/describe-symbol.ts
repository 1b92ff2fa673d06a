import ts from 'typescript';
import type { ExportedSymbol } from './read-entry-points.js';

const LONG_TYPE = 400;

/** A heading, the doc comment and the members of an exported name, in Markdown. */
export function describeSymbol({ name, declarations }: ExportedSymbol): string {
  return [`### ${name}`, ...declarations.map((declaration) => describeDeclaration(declaration))].join('\n\n');
}

function describeDeclaration(node: ts.Declaration): string {
  const parts = [codeOf(node), commentOf(node), membersOf(node)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What is declared, without its body. */
function codeOf(node: ts.Declaration): string {
  const code = signatureOf(node);
  return code === '' ? '' : `\`\`\`text\n${code}\n\`\`\``;
}

function signatureOf(node: ts.Declaration): string {
  if (ts.isFunctionDeclaration(node)) return callOf(node);
  if (ts.isTypeAliasDeclaration(node)) return shortened(`type ${node.name.text} = ${node.type.getText()}`);
  if (ts.isVariableDeclaration(node)) return node.type ? `${node.name.getText()}: ${node.type.getText()}` : '';
  if (ts.isClassDeclaration(node)) return `class ${node.name?.text}${heritageOf(node)}`;
  if (ts.isInterfaceDeclaration(node) && node.heritageClauses) return `interface ${node.name.text}${heritageOf(node)}`;
  return '';
}

function shortened(text: string): string {
  return text.length > LONG_TYPE ? `${text.slice(0, LONG_TYPE)} …` : text;
}

function heritageOf(node: ts.ClassDeclaration | ts.InterfaceDeclaration): string {
  return (node.heritageClauses ?? []).map((clause) => ` ${clause.getText()}`).join('');
}

/** `name(a: A, b?: B): C` of a function or method. */
function callOf(node: ts.SignatureDeclaration): string {
  const parameters = node.parameters.map(parameterOf).join(', ');
  const result = node.type === undefined ? '' : `: ${oneLine(node.type)}`;
  return `${node.name?.getText() ?? ''}(${parameters})${result}`;
}

/** A parameter that is taken apart goes by `options`. */
function parameterOf(parameter: ts.ParameterDeclaration): string {
  const name = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options';
  const isOptional = parameter.questionToken !== undefined || parameter.initializer !== undefined;
  return `${name}${isOptional ? '?' : ''}${parameter.type ? `: ${oneLine(parameter.type)}` : ''}`;
}

/** A type in one line, without its comments. */
function oneLine(node: ts.Node): string {
  return node
    .getText()
    .replaceAll(/\/\*\*?.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ');
}

/** The doc comment with its tags, links left as code. */
function commentOf(node: ts.Node): string {
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  const comment = ts.getJSDocCommentsAndTags(owner).find(ts.isJSDoc);
  if (!comment) return '';
  const text = ts.getTextOfJSDocComment(comment.comment)?.trim() ?? '';
  return [text, ...(comment.tags ?? []).map(tagOf)].filter((part) => part !== '').join('\n\n');
}

function tagOf(tag: ts.JSDocTag): string {
  const text = (ts.getTextOfJSDocComment(tag.comment) ?? '').trim();
  const name = tag.tagName.text;
  if (name === 'default') return `Default: ${text}.`;
  if (name === 'example') return `\`\`\`text\n${text}\n\`\`\``;
  if (ts.isJSDocParameterTag(tag)) return `\`${tag.name.getText()}\`: ${text.replace(/^- /, '')}`;
  if (ts.isJSDocThrowsTag(tag))
    return `Throws ${tag.typeExpression ? `\`${tag.typeExpression.type.getText()}\` ` : ''}${text}`;
  return name === 'returns' ? `Returns ${text}` : text;
}

function membersOf(node: ts.Declaration): string {
  if (ts.isInterfaceDeclaration(node)) return node.members.map(memberOf).join('\n');
  if (ts.isClassDeclaration(node)) return node.members.filter(isPublic).map(memberOf).join('\n');
  if (ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type))
    return node.type.members.map(memberOf).join('\n');
  return '';
}

function isPublic(member: ts.ClassElement): boolean {
  const isHidden = (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0;
  return !isHidden && member.name !== undefined && !ts.isPrivateIdentifier(member.name);
}

/** One line of a list: the member, then what its comment says. */
function memberOf(member: ts.TypeElement | ts.ClassElement): string {
  const comment = commentOf(member)
    .split('\n\n')
    .map((part) => (part.startsWith('```text\n') ? `\`${part.slice(8, -4).replaceAll(/\s+/g, ' ')}\`` : part))
    .join(' ')
    .replaceAll('\n', ' ');
  return `- \`${nameOf(member)}\`${comment === '' ? '' : `: ${comment}`}`;
}

function nameOf(member: ts.TypeElement | ts.ClassElement): string {
  if (ts.isMethodSignature(member) || ts.isMethodDeclaration(member)) return callOf(member);
  if (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) {
    return `${member.name.getText()}${member.questionToken ? '?' : ''}${member.type ? `: ${oneLine(member.type)}` : ''}`;
  }
  return oneLine(member)
    .replace(/\s*\{.*$/, '')
    .replace(/;$/, '');
}
