import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writtenDescription } from '../apps/gateway/src/commands';

const file = join(__dirname, '../../docs/openapi.json');
writeFileSync(file, writtenDescription());
console.log(`Written: ${file}`);
