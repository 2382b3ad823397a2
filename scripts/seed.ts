import { runProgram } from './operator/command';
import { seed } from './operator/seed';

void runProgram(seed);
