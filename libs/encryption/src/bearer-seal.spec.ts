import { openForBearer, sealForBearer } from './bearer-seal';
import { Fernet } from './fernet';
import { FernetError } from './fernet-token';
import { hashToken, randomToken } from './token';

describe('a text sealed for a bearer token', () => {
  const token = randomToken();
  const sealed = sealForBearer(token, 'the next token');

  it('opens with the token', () => expect(openForBearer(token, sealed)).toBe('the next token'));

  it('opens neither with another token nor with the stored hash of the token', () => {
    for (const other of [randomToken(), hashToken(token), '', `${token} `, token.slice(1), token.toLowerCase()]) {
      expect(() => openForBearer(other, sealed)).toThrow(expect.objectContaining({ reason: 'not_authentic' }));
    }
    expect(() => new Fernet([`${hashToken(token)}=`]).decrypt(sealed)).toThrow(FernetError);
  });

  it('does not open with any single bit flipped', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const tampered = Buffer.from(bytes);
      tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = tampered.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
      expect(() => openForBearer(token, text)).toThrow(FernetError);
    }
  });

  it('stays readable in later versions', () => {
    const fromBefore =
      'gAAAAABrBLUXzxPNX877NA1gBnjI9L4B6iegyluOiaWINBRy2J3JLPCOQscnI6BQVNJaBVTiS-vtb2mPk_TfDYlEkKOVoQJiyA==';
    expect(openForBearer('A'.repeat(43), fromBefore)).toBe('the next token');
  });
});
