import { runProgram } from '#libs/command';
import { deadLetters } from '#libs/operations';

void runProgram(deadLetters);
