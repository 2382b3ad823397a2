import { runProgram } from './operator/command';
import { deadLetters } from './operator/dead-letters';

void runProgram(deadLetters);
