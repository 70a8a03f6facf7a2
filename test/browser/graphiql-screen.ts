import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** GraphiQL as a person works it: what is seen in it, and what is pressed and typed. */
export interface GraphiQLScreen {
  /** Presses the run button. */
  run(): Promise<void>;
  /** Waits until the answer on the screen, without its white space, matches. */
  waitForAnswer(pattern: RegExp): Promise<RegExpExecArray>;
  /** The names of the tabs. */
  tabs(): Promise<string[]>;
  /** Goes to another tab. */
  openTab(name: string): Promise<void>;
  /** Replaces the document by one whose operation has this name. */
  writeDocument(name: string, text: string): Promise<void>;
  /** Replaces the variables or the headers. */
  writeBelow(editor: 'Variables' | 'Headers', text: string): Promise<void>;
  /** Waits until what stands in the variables or the headers, without its white space, matches: it is shown line by line. */
  waitForBelow(editor: 'Variables' | 'Headers', pattern: RegExp): Promise<void>;
}

// Where the editor breaks a long line depends on the window.
const withoutSpace = (text: string): string => text.replaceAll(/\s/g, '');

/** Waits until GraphiQL is on the screen. */
export async function graphiqlScreen(page: Page): Promise<GraphiQLScreen> {
  const run = page.getByRole('button', { name: 'Execute query' });
  const answer = page.getByRole('region', { name: 'Result Window' });
  const document = page.getByRole('region', { name: 'Operation Editor' }).locator('.view-lines');
  const below = page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines');
  const openEditor = (name: string) => page.getByRole('button', { name, exact: true }).click();

  async function replace(lines: typeof document, text: string): Promise<void> {
    await lines.click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(text);
    // Brackets that the editor closed by itself.
    await page.keyboard.press('ControlOrMeta+Shift+End');
    await page.keyboard.press('Delete');
  }

  // GraphiQL takes a document for the one to run some time after it shows it, and remembers it in the same step.
  const taken = (name: string) =>
    page.waitForFunction(
      (operation) =>
        localStorage.getItem('graphiql:query')?.match(/^(query|mutation) (\w+)/m)?.[2] === operation,
      name,
    );

  await run.waitFor();
  await document.getByText('{').first().waitFor();
  return {
    run: () => run.click(),
    async waitForAnswer(pattern) {
      let text = '';
      await expect
        .poll(
          async () => {
            text = withoutSpace(await answer.innerText());
            return text;
          },
          { timeout: 20_000 },
        )
        .toMatch(pattern);
      const match = pattern.exec(text);
      if (!match) throw new Error(`The answer changed from what matches ${pattern} to ${text}`);
      return match;
    },
    tabs: () => page.locator('.graphiql-tab .graphiql-tab-button').allInnerTexts(),
    async openTab(name) {
      await page.getByRole('button', { name, exact: true }).click();
      await taken(name);
    },
    async writeDocument(name, text) {
      await replace(document, text);
      await taken(name);
    },
    async writeBelow(editor, text) {
      await openEditor(editor);
      await replace(below, text);
    },
    async waitForBelow(editor, pattern) {
      await openEditor(editor);
      await expect
        .poll(async () => withoutSpace(await below.innerText()), { timeout: 20_000 })
        .toMatch(pattern);
    },
  };
}
