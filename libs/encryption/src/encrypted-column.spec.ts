import { randomBytes } from 'node:crypto';
import { testDatabase } from '#libs/testing';
import { DataSource, EntitySchema, IsNull, Not } from 'typeorm';
import { encryptedColumn } from './encrypted-column';
import { Fernet } from './fernet';
import { FernetError } from './fernet-token';

interface Secret {
  id: number;
  value: string | null;
}

const newKey = () => `${randomBytes(32).toString('base64url')}=`;

describe('an encrypted column', () => {
  const key = newKey();
  const secrets = new EntitySchema<Secret>({
    name: 'secrets',
    columns: {
      id: { type: 'int', primary: true },
      value: { type: 'text', nullable: true, transformer: encryptedColumn(new Fernet([key])) },
    },
  });
  let source: DataSource;

  beforeAll(async () => {
    const { url } = await testDatabase('encrypted_column');
    source = await new DataSource({ type: 'postgres', url, entities: [secrets] }).initialize();
    await source.query('CREATE TABLE secrets (id int PRIMARY KEY, value text)');
  });
  afterAll(() => source.destroy());

  const stored = (id: number): Promise<{ value: string | null }[]> =>
    source.query('SELECT value FROM secrets WHERE id = $1', [id]);

  it('stores a token in the database and gives text in the entity', async () => {
    await source.manager.insert(secrets, { id: 1, value: 'Grüße 🌍' });
    expect(await source.manager.findOneBy(secrets, { id: 1 })).toEqual({ id: 1, value: 'Grüße 🌍' });
    const [row] = await stored(1);
    expect(new Fernet([key]).decrypt(row?.value ?? '')).toBe('Grüße 🌍');
  });

  it('distinguishes NULL from an empty text', async () => {
    await source.manager.insert(secrets, [
      { id: 2, value: null },
      { id: 3, value: '' },
    ]);
    expect(await stored(2)).toEqual([{ value: null }]);
    expect(await source.manager.findOneBy(secrets, { id: 2 })).toEqual({ id: 2, value: null });
    expect(await source.manager.findOneBy(secrets, { id: 3 })).toEqual({ id: 3, value: '' });
    expect(await source.manager.countBy(secrets, { id: 2, value: IsNull() })).toBe(1);
    expect(await source.manager.countBy(secrets, { id: 2, value: Not(IsNull()) })).toBe(0);
  });

  it('fails to load a plaintext or a token of a foreign key', async () => {
    await source.query('INSERT INTO secrets VALUES (4, $1), (5, $2)', ['plain', new Fernet([newKey()]).encrypt('a')]);
    await expect(source.manager.findOneBy(secrets, { id: 4 })).rejects.toThrow(FernetError);
    await expect(source.manager.findOneBy(secrets, { id: 5 })).rejects.toThrow(FernetError);
  });
});
