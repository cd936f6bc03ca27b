import ts from 'typescript';
import { problemAt, type TextFile } from './tree.js';

/** The texts that a person reads at a terminal; the code that a shell reads is not among them. */
const spokenFile = /^apps\/cli\/src\/(?!.*\.spec\.ts$|completion\/scripts\.ts$)/;

const han = /\p{Script=Han}/u;
/** The signs of a Chinese sentence, where a text is no more than one: `，`. */
const chinese = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u;

/** Functions that lay out and print what a person reads. */
const printing = /\/terminal\/(?:layout|table|words|io|check-lines)\.js$/;

/**
 * Finds texts for people that are not said in both languages, and pairs whose halves do not fit: a
 * Chinese half without a Chinese sign, or one that names other values than the English half.
 */
export function unspokenTexts(file: TextFile): readonly string[] {
  const { path, text } = file;
  if (!spokenFile.test(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const tell = (node: ts.Node, problem: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(problemAt(path, line + 1, problem));
  };
  const prints = importsOf(source).some((name) => printing.test(name));
  const visit = (node: ts.Node): void => {
    if (saysTooEarly(node)) tell(node, 'said before the language is known: keep {en, zh} here');
    const pair = pairIn(node);
    if (pair !== undefined) {
      for (const problem of pairProblems(pair, isExample(node))) tell(node, problem);
      return;
    }
    if (isText(node, prints)) tell(node, `${shortened(node)}: say it in both languages`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The sentences of the ledger and of the service: their pairs stand where they are used. */
const paired = /^(?:libs\/[\w-]+|apps\/api)\/src\/(?!.*\.spec\.ts$)/;

/** Finds pairs of the ledger's own sentences whose halves do not fit. */
export function misfitPairs({ path, text }: TextFile): readonly string[] {
  if (!paired.test(path) || path.endsWith('statement-page.ts')) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const pair = pairIn(node);
    if (pair !== undefined && isWritten(pair.en) && isWritten(pair.zh)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      for (const problem of pairProblems(pair, true))
        found.push(problemAt(path, line + 1, problem));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Errors that are worded where they are shown, or are the cause of one that is shown. */
const wordedElsewhere: ReadonlySet<string> = new Set([
  'CursorError',
  'FileNotWrittenError',
  'HeadPageError',
  'PrintingError',
  'TileError',
]);

/**
 * Finds errors with a code, which people meet, that hold one language. `SpokenError` takes both
 * halves, and a text in one of them does not compile.
 */
export function unspokenErrors({ path, text }: TextFile): readonly string[] {
  if (!/^libs\/[\w-]+\/src\/(?!.*\.spec\.ts$)/.test(path)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((declared) => {
    const parents = declared.heritageClauses?.flatMap(({ types }) => types) ?? [];
    if (!parents.some(({ expression }) => expression.getText() === 'Error')) return [];
    const members = new Set(
      declared.members.flatMap((member) =>
        ts.isConstructorDeclaration(member)
          ? member.parameters.map(({ name }) => name.getText())
          : [member.name?.getText()],
      ),
    );
    const name = declared.name?.text ?? '';
    if (!members.has('code') || members.has('inBoth') || wordedElsewhere.has(name)) return [];
    const { line } = source.getLineAndCharacterOfPosition(declared.getStart());
    return [problemAt(path, line + 1, `${name}: make it a SpokenError`)];
  });
}

/** Tells a text that is written here, and not empty, from one that is handed on or a schema. */
function isWritten(half: ts.Node): boolean {
  const isText = /^['"`(]/.test(half.getText());
  return isText && literalsIn(half).some((text) => /\p{L}/u.test(text));
}

function importsOf(source: ts.SourceFile): readonly string[] {
  return source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text);
}

interface Pair {
  readonly en: ts.Node;
  readonly zh: ts.Node;
}

/** The halves of `said(en, zh)` or of `{ en, zh }`. */
function pairIn(node: ts.Node): Pair | undefined {
  if (ts.isCallExpression(node) && node.expression.getText() === 'said') {
    const [en, zh] = node.arguments;
    return en === undefined || zh === undefined ? undefined : { en, zh };
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined;
  const valueOf = (name: string): ts.Node | undefined =>
    node.properties.filter(ts.isPropertyAssignment).find((each) => each.name.getText() === name)
      ?.initializer;
  const [en, zh] = [valueOf('en'), valueOf('zh')];
  return en === undefined || zh === undefined ? undefined : { en, zh };
}

function pairProblems({ en, zh }: Pair, mayName: boolean): readonly string[] {
  const [inEnglish, inChinese] = [literalsIn(en).join(''), literalsIn(zh).join('')];
  const [named, renamed] = [valuesIn(en), valuesIn(zh)];
  return [
    ...(han.test(inEnglish) && !mayName ? ['the English half has Chinese signs'] : []),
    ...(chinese.test(inChinese) ? [] : ['the Chinese half has no Chinese sign']),
    ...(named.join(' ') === renamed.join(' ')
      ? []
      : [`the halves name other values: ${named.join(' ')} / ${renamed.join(' ')}`]),
  ];
}

function literalsIn(node: ts.Node): readonly string[] {
  const own = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) ? [node.text] : [];
  return [...own, ...childrenOf(node).flatMap(literalsIn)];
}

/** The values that a half names, sorted: a variable, or a member of one. Functions are none. */
function valuesIn(half: ts.Node): readonly string[] {
  const values = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      if (ts.isPropertyAccessExpression(node.expression)) visit(node.expression.expression);
      node.arguments.forEach(visit);
    } else if (ts.isPropertyAccessExpression(node)) {
      // A half of another pair names what that pair is.
      if (/^(?:en|zh)$/.test(node.name.text)) visit(node.expression);
      else values.add(node.getText());
    } else if (ts.isElementAccessExpression(node)) visit(node.argumentExpression);
    else if (ts.isIdentifier(node)) {
      if (!globals.has(node.text)) values.add(node.text);
    } else ts.forEachChild(node, visit);
  };
  visit(half);
  return [...values].sort();
}

const globals: ReadonlySet<string> = new Set(['undefined', 'String', 'en', 'zh']);

function childrenOf(node: ts.Node): readonly ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

/** A module is loaded before the language is chosen. */
function saysTooEarly(node: ts.Node): boolean {
  if (!ts.isCallExpression(node) || !/^said(?:In)?$/.test(node.expression.getText())) return false;
  return ts.findAncestor(node, ts.isFunctionLike) === undefined;
}

/** True for a literal that a person reads. */
function isText(node: ts.Node, prints: boolean): boolean {
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return false;
  if (isName(node) || isCommand(node) || isForDevelopers(node)) return false;
  const text = textOf(node);
  // Chinese that is recorded stands in modules that print nothing.
  const words = wordsIn(text);
  if (han.test(text)) return words.length > 0 || (prints && !isExample(node));
  if (words.length > 1) return !/^\s*\{/.test(text);
  if (words.length === 0) return false;
  return ts.isTemplateExpression(node) || (prints && isPlaceOfText(node) && !isDeclared(node));
}

/** The text of a literal; of a template without what its values are made of. */
function textOf(node: ts.StringLiteralLike | ts.TemplateExpression): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' 0 ');
}

/** English words, without options, ids, paths and JSON. */
function wordsIn(text: string): readonly string[] {
  return text
    .split(/\s+/)
    .map((word) => word.replace(/^[("'“]+|[)"'”.,;:!?…]+$/g, ''))
    .filter((word) => /^(?:[A-Za-z][a-z’']+|[A-Z]{3,}|a)$/.test(word) && word !== 'ledger');
}

/** A place in which a literal is compared, names something, or is a type. */
function isName(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isLiteralTypeNode(parent) || ts.isTemplateLiteralTypeNode(parent)) return true;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return true;
  if (ts.isPropertyAssignment(parent))
    return parent.name === node || /^(?:check|code|kind)$/.test(parent.name.getText());
  if (ts.isElementAccessExpression(parent) || ts.isCaseClause(parent)) return true;
  if (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
    return true;
  return ts.isBinaryExpression(parent) && comparing.has(parent.operatorToken.kind);
}

const comparing: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
]);

/** A mistake of the program itself, or the code of a check, as it stands in JSON. */
function isForDevelopers(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return /^(?:Range|Type)Error$/.test(parent.expression.getText());
  return ts.isCallExpression(parent) && checking.test(parent.expression.getText())
    ? parent.arguments[0] === node
    : false;
}

const checking = /^(?:checked|fail|failure|ok|warn|\(harm.*)$/;

/** What is typed: the first of an example, an option with its argument, a verb with its own. */
function isCommand(node: ts.StringLiteralLike | ts.TemplateExpression): boolean {
  const { parent } = node;
  const text = textOf(node);
  if (/^(?:-\w, )?--?[\w-]+(?: <[^>]+>)?\s*$|^[\w-]+(?: [<[][\w.]+[>\]])+$/.test(text)) return true;
  if (/^\s*(?:npx |export \w+=|\$ |chmod )/.test(text)) return true;
  if (ts.isNewExpression(parent) && parent.expression.getText() === 'Command') return true;
  if (ts.isPropertyAssignment(parent) && parent.name.getText() === 'example') return true;
  if (!isExample(node)) return false;
  const list = ts.isBinaryExpression(parent) ? parent.parent : parent;
  if (!ts.isArrayLiteralExpression(list)) return false;
  return isExamples(list) || list.elements[0] === node || list.elements[0] === parent;
}

function isExamples(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isPropertyAssignment(parent) && parent.name.getText() === 'examples';
}

function isExample(node: ts.Node): boolean {
  const isOne = (each: ts.Node): boolean =>
    ts.isPropertyAssignment(each) && /^examples?$/.test(each.name.getText());
  return ts.findAncestor(node, isOne) !== undefined;
}

/** A place in which one word is for people: part of a text, a cell, a title or a label. */
function isPlaceOfText(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent))
    return (
      /^(?:found|hint|label|summary|title|unit)$/.test(parent.name.getText()) || isKept(parent)
    );
  if (ts.isCallExpression(parent)) return textual.test(parent.expression.getText());
  if (ts.isArrayLiteralExpression(parent)) return isLabelled(parent);
  if (ts.isReturnStatement(parent))
    return ts.findAncestor(node, ts.isFunctionLike)?.type?.getText() === 'string';
  return ts.isTemplateSpan(parent) || ts.isConditionalExpression(parent) || isAdded(parent);
}

/** A text of a table: `Record<Step, string>`. */
function isKept(node: ts.PropertyAssignment): boolean {
  const declared = node.parent.parent;
  return ts.isVariableDeclaration(declared) && /, string>/.test(declared.type?.getText() ?? '');
}

const textual = /^(?:count|counted|field|heading|line|note|printLine|text)$/;

/** A row of a label and its text; a list of names is given to a function. */
function isLabelled({ elements, parent }: ts.ArrayLiteralExpression): boolean {
  const isGiven = ts.isCallExpression(parent) || ts.isConditionalExpression(parent);
  return elements.length === 2 && !isGiven && !ts.isVariableDeclaration(parent);
}

/** A value that the function's own type lists: `'csv' | 'xlsx'`. */
function isDeclared(node: ts.StringLiteralLike | ts.TemplateExpression): boolean {
  const { type } = ts.findAncestor(node, ts.isFunctionLike) ?? {};
  return type?.getText().includes(`'${textOf(node)}'`) ?? false;
}

/** A part of a sum of texts, or what stands where there is none: `?? 'nobody'`. */
function isAdded(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || ts.isNewExpression(node.parent)) return false;
  return adding.has(node.operatorToken.kind);
}

const adding: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

function shortened(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length > 70 ? `${text.slice(0, 70)}…` : text;
}
