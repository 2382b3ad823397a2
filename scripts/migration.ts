import { runProgram } from '#libs/command';
import { migration } from '../tools/migration/command';

void runProgram(migration);
