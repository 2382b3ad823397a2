import { runProgram } from '#libs/command';
import { deadLetters } from './operator/dead-letters';

void runProgram(deadLetters);
