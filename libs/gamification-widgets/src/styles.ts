import { css } from 'lit';

/** The look of all widgets. Pages change it by the custom properties that begin with `--gamification-`. */
export const styles = css`
  :host {
    --surface: var(--gamification-surface, light-dark(#ffffff, #1d1f24));
    --text: var(--gamification-text, light-dark(#1b1d22, #eceef2));
    --muted: var(--gamification-muted, light-dark(#5b616e, #a9b0bd));
    --border: var(--gamification-border, light-dark(#d9dce3, #3a3e48));
    --accent: var(--gamification-accent, light-dark(#6b3fa0, #c9a7f2));
    --on-accent: var(--gamification-on-accent, light-dark(#ffffff, #1d1f24));
    --radius: var(--gamification-radius, 12px);
    color-scheme: light dark;
    display: block;
    font-family: var(--gamification-font, system-ui, sans-serif);
    line-height: 1.45;
    color: var(--text);
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
  section {
    background: var(--surface);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    padding: 1rem 1.25rem;
  }
  h2 {
    font-size: 1.1rem;
    margin: 0 0 0.75rem;
  }
  h3 {
    font-size: 1rem;
    margin: 0 0 0.25rem;
  }
  p {
    margin: 0.25rem 0;
  }
  ul,
  ol {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .muted {
    color: var(--muted);
    font-size: 0.9rem;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
    justify-content: space-between;
  }
  .stack > * + * {
    margin-top: 0.9rem;
  }
  progress {
    width: 100%;
    height: 0.6rem;
    accent-color: var(--accent);
  }
  button,
  select {
    font: inherit;
    color: var(--text);
    background: transparent;
    border: 1px solid var(--muted);
    border-radius: calc(var(--radius) / 2);
    padding: 0.35rem 0.75rem;
    cursor: pointer;
  }
  select option {
    color: var(--text);
    background: var(--surface);
  }
  button.primary {
    background: var(--accent);
    border-color: var(--accent);
    color: var(--on-accent);
  }
  button:disabled {
    cursor: progress;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th {
    text-align: start;
    font-weight: 600;
    color: var(--muted);
    font-size: 0.85rem;
  }
  th,
  td {
    padding: 0.35rem 0.4rem;
    border-bottom: 1px solid var(--border);
  }
  .number {
    text-align: end;
  }
  tr[aria-current] td {
    font-weight: 700;
    box-shadow: inset 3px 0 0 var(--accent);
  }
  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  [role='alert'] {
    border-inline-start: 4px solid var(--accent);
    padding-inline-start: 0.75rem;
  }
`;
