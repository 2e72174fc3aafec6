internal import CFuzzer
internal import Glibc

// SAFETY: the arguments live as long as the process.
exit(unsafe cfuzzer_run(CommandLine.argc, CommandLine.unsafeArgv))
