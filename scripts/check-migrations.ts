import { runProgram } from '#libs/command';
import { checkMigrations } from '../tools/migration/check/command';

void runProgram(checkMigrations);
