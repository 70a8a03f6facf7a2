const text = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const code = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace';

/** How Redoc shows the page: in the fonts of the reader's system, and without a search of its few entries. */
export const rendererOptions = {
  disableSearch: true,
  nativeScrollbars: true,
  // The curl before the payload.
  payloadSampleIdx: 1,
  expandResponses: '201',
  hideDownloadButtons: true,
  theme: {
    typography: {
      fontSize: '15px',
      fontFamily: text,
      headings: { fontFamily: text, fontWeight: '600' },
      code: { fontFamily: code, fontSize: '13px', wrap: true },
    },
  },
} as const;
