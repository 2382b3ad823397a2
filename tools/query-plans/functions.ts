import type { Proportions } from './scale';

const firstNames = `Ada,Alan,Alice,Anna,Barbara,Ben,Carla,Claude,Dana,Dennis,Edsger,Elena,Fatima,Frances,Grace,Hannah,Hedy,Ida,Ivan,
  Jan,Joan,Karen,Ken,Lars,Leslie,Linus,Maria,Mary,Nadia,Noor,Olga,Omar,Pia,Radia,Rosa,Sofia,Tim,Uma,Vera,Yuki`;
const lastNames = `Allen,Baker,Bauer,Berg,Chen,Clarke,Cohen,Diaz,Dijkstra,Engel,Fischer,Garcia,Gupta,Haas,Hopper,Ito,Jensen,Kaya,
  Kim,Klein,Lamarr,Lee,Lopez,Lovelace,Meyer,Moreau,Nagy,Nguyen,Novak,Okafor,Olsen,Park,Perlman,Popov,Quinn,Ritchie,Rossi,Santos,
  Sato,Silva,Singh,Smith,Tanaka,Turing,Vogel,Weber,Wong,Yilmaz,Young,Zimmer`;
const nouns = 'Bakery,Clinic,Foundry,Garage,Gardens,Labs,Logistics,Press,Robotics,Rockets,School,Studio,Travel,Works';
const firms = 'Acme,Amber,Blue,Cedar,Delta,Eagle,Falcon,Granite,Harbor,Indigo,Jade,Keystone,Lunar,Maple,Nova,Orchid';

const day = 86_400_000;
/** From the first account until now. */
const history = 730 * day;

/** Returns SQL that picks a text by number: `'{Ada,Alan,…}'::text[]`. */
function picked(words: string, number: string): string {
  const list = words.split(/,\s*/);
  return `('{${list.join(',')}}'::text[])[1 + ${number} % ${list.length}]`;
}

const sql = (name: string, parameters: string, type: string, body: string) =>
  `CREATE FUNCTION bench.${name}(${parameters}) RETURNS ${type} LANGUAGE sql STABLE PARALLEL SAFE RETURN ${body}`;

/**
 * Functions that derive everything from row numbers, so that related rows are created without lookups. Ids
 * are UUIDv7 of the row's time. All functions are STABLE, so that PostgreSQL inlines them.
 * @param now in ms since 1970
 */
export function benchFunctions({ users, organizations }: Proportions, now: number): string[] {
  const start = now - history;
  const at = (n: string, of: number) => `(${start} + ${n} * ${history}::bigint / ${of})`;
  return [
    'CREATE SCHEMA bench',
    sql('at', 'ms bigint', 'timestamptz', 'to_timestamp(ms / 1000.0)'),
    sql(
      'id',
      'kind text, n bigint, ms bigint',
      'uuid',
      `(substr(encode(int8send(ms), 'hex'), 5) || '7' || substr(md5(kind || ' ' || n), 1, 3) || '8' || substr(md5(kind || ' ' || n), 4, 15))::uuid`,
    ),
    sql('base64url', 'data bytea', 'text', `rtrim(translate(encode(data, 'base64'), '+/', '-_'), '=')`),
    sql('secret', 'name text', 'text', `bench.base64url(sha256(convert_to(name, 'UTF8')))`),
    sql('hashed', 'name text', 'text', `bench.secret(bench.secret(name))`),
    sql('user_ms', 'n bigint', 'bigint', at('n', users)),
    sql('user', 'n bigint', 'uuid', `bench.id('user', n, bench.user_ms(n))`),
    sql('name', 'n bigint', 'text', `${picked(firstNames, 'n')} || ' ' || ${picked(lastNames, '(n / 40)')}`),
    sql('email', 'n bigint', 'text', `replace(lower(bench.name(n)), ' ', '.') || n || '@example.com'`),
    // Within 25 days. One of 500 expired more than a week ago.
    sql(
      'session_ms',
      's bigint',
      'bigint',
      `${now} - 60000 - (s % ${25 * 86_400}) * 1000 - CASE WHEN s % 500 = 1 THEN ${38 * day}::bigint ELSE 0 END`,
    ),
    sql('session', 's bigint', 'uuid', `bench.id('session', s, bench.session_ms(s))`),
    // Two primes that divide no round number of users, so that no user is in an organization twice.
    sql('member', 'k bigint, j bigint', 'bigint', `(k * 7919 + j * 104729) % ${users}`),
    sql('organization_ms', 'k bigint', 'bigint', at('k', organizations + 1)),
    sql('organization', 'k bigint', 'uuid', `bench.id('organization', k, bench.organization_ms(k))`),
    sql('firm', 'k bigint', 'text', `${picked(firms, 'k')} || ' ' || ${picked(nouns, '(k / 16)')} || ' ' || k`),
    sql('role', 'k bigint, i bigint', 'uuid', `bench.id('role' || i, k, bench.organization_ms(k))`),
    // Computes the chain of hashes with the function that the table's trigger calls.
    `CREATE AGGREGATE bench.chain(bigint, timestamptz, bytea)
      (sfunc = public.audit_hash, stype = bytea, initcond = '\\x${'00'.repeat(32)}')`,
  ];
}
