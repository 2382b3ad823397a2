import { runHttpBenchmark } from '../tools/bench/http';

void runHttpBenchmark(process.argv.slice(2), process.env);
