import { LOST, PNG, SCHEMA, type Turns } from './turns.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
/** A turn in Gemini's format. */
export const parts = (role: string, ...list: object[]) => ({ role, parts: list });

export const GEMINI: Readonly<Record<string, Turns>> = {
  'a picture in the result of a function': {
    kept: [PNG, 'Look.'],
    except: ['deepseek'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'w', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts('user', { text: 'Go.' }),
        parts('model', { functionCall: { name: 'w', args: {} } }),
        parts('user', {
          functionResponse: {
            name: 'w',
            response: { output: 'Look.' },
            parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }],
          },
        }),
      ],
    },
  },
  'results whose call is gone, that come late, and twice': {
    kept: LOST,
    body: {
      tools: [{ functionDeclarations: [{ name: 'w', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts('user', { functionResponse: { name: 'v', response: { output: 'Gone.' } } }, { text: 'Go.' }),
        parts('model', { functionCall: { name: 'w', args: {} } }),
        parts('user', { text: 'Wait.' }),
        parts('model', { text: 'I wait.' }),
        parts(
          'user',
          { functionResponse: { name: 'w', response: { output: 'Late.' } } },
          { functionResponse: { name: 'w', response: { output: 'Again.' } } },
          { text: 'And?' },
        ),
      ],
    },
  },
  'two calls of one function, without ids': {
    kept: ['First.', 'Second.'],
    except: ['gemini', 'gemini-3'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'n.w:1', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts('user', { text: 'Go.' }),
        parts(
          'model',
          { text: 'Both.' },
          { functionCall: { name: 'n.w:1', args: {} }, thoughtSignature: 'Zm9yZWlnbg==' },
          { functionCall: { name: 'n.w:1', args: { city: 'Bern' } } },
        ),
        parts(
          'user',
          { functionResponse: { name: 'n.w:1', response: { output: 'First.' } } },
          { functionResponse: { name: 'n.w:1', response: { error: 'Second.' } } },
        ),
      ],
    },
  },
  'code that Google ran': {
    kept: ['One.', 'More?'],
    except: ['gemini', 'gemini-3'],
    body: {
      contents: [
        parts('user', { text: 'Go.' }),
        parts(
          'model',
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
          { text: 'One.' },
        ),
        parts('user', { text: 'More?' }),
      ],
    },
  },
  'files of text, in a question and in the result of a function': {
    kept: ['Plain words.', 'a;b'],
    except: ['gemini', 'gemini-3'],
    body: {
      tools: [{ functionDeclarations: [{ name: 'w', parametersJsonSchema: SCHEMA }] }],
      contents: [
        parts(
          'user',
          { text: 'Go.' },
          { inlineData: { mimeType: 'text/plain; charset=utf-8', data: base64('Plain words.') } },
        ),
        parts('model', { functionCall: { name: 'w', args: {} } }),
        parts('user', {
          functionResponse: {
            name: 'w',
            response: { output: 'Look.' },
            parts: [{ inlineData: { mimeType: 'text/csv', data: base64('a;b') } }],
          },
        }),
      ],
    },
  },
  'a turn without parts': {
    kept: ['Go.', 'More?'],
    except: ['gemini', 'gemini-3'],
    body: { contents: [parts('user', { text: 'Go.' }), parts('model'), parts('user', { text: 'More?' })] },
  },
};
