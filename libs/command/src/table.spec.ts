import { alignedTable } from './table';

it('makes each column as wide as its widest cell, without trailing spaces', () => {
  const table = alignedTable([
    ['API', 'http://localhost:3000', 'x'],
    ['Mails', 'http://localhost:1080'],
  ]);
  expect(table).toBe('API    http://localhost:3000  x\nMails  http://localhost:1080');
});

it('aligns the chosen columns to the right', () => {
  const rows = [
    ['lint', '9.5 s'],
    ['tests', '120.0 s'],
  ];
  expect(alignedTable(rows, [1])).toBe('lint     9.5 s\ntests  120.0 s');
});
